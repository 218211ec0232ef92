import { readArgument, serveRuns } from '../child-side.js'
import { PacedLoadOptions } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { Fleet, withTokens } from './fleet.js'
import { HttpConnection } from './http-connection.js'
import { percentilesOf, readAnswers, type Posted } from './poster.js'
import { sendRequests, userNames } from './requests.js'

// The load of `latency`: POSTs by a time-table that waits for nobody. Time is taken from when each was due until its frame is there,
// so that what has to wait, since the server is busy, is not forgotten.

const TICK_MS = 1

const options = PacedLoadOptions.parse(readArgument())
const users = userNames(options.users)
const requests = await sendRequests(options)

/** When what is under way to each user was due, the oldest first. */
const due = new Map<string, number[]>(users.map((user) => [user, []]))
let taken: number[] = []

const fleet = await Fleet.open(
  {
    urls: [options.url],
    query: '&cursor=latest',
    received: (user) => taken.push(performance.now() - (due.get(user)?.shift() ?? NaN)),
  },
  await withTokens(options.secret, users),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)

let next = 0

/** Sends what is due over connections that are free, what finds none as soon as one is; resolves when all is answered. */
function drive(connections: HttpConnection[], milliseconds: number): Promise<Posted['answers']> {
  return new Promise((resolve, reject) => {
    const answers: Posted['answers'] = []
    const free = [...connections]
    const waiting: number[] = []
    const begun = performance.now()
    let [scheduled, answered] = [0, 0]
    let isOver = false
    const send = (connection: HttpConnection, request: number): void => {
      connection.listen((answer) => {
        answers.push({ request, answer, milliseconds: 0 })
        answered++
        const another = waiting.shift()
        if (another === undefined) free.push(connection)
        else send(connection, another)
        if (isOver && answered === scheduled) resolve(answers)
      }, reject)
      const bytes = requests[request]
      if (bytes) connection.send(bytes)
    }
    const ticking = setInterval(() => {
      const now = performance.now()
      for (; begun + (scheduled / options.perSecond) * 1_000 <= now; scheduled++) {
        const request = next++ % requests.length
        due.get(users[request] ?? '')?.push(begun + (scheduled / options.perSecond) * 1_000)
        const connection = free.pop()
        if (connection) send(connection, request)
        else waiting.push(request)
      }
      if (now - begun < milliseconds) return
      isOver = true
      clearInterval(ticking)
      if (answered === scheduled) resolve(answers)
    }, TICK_MS)
  })
}

serveRuns(async (milliseconds) => {
  taken = []
  const connections = await Promise.all(
    Array.from({ length: options.connections }, () => HttpConnection.open(options.url)),
  )
  const begun = performance.now()
  const answers = await drive(connections, milliseconds)
  for (const connection of connections) connection.close()
  const { accepted, violations } = readAnswers(answers, users)
  const { received, lastReceived } = await fleet.takeReceived(accepted.length)
  return {
    kind: 'ran',
    operations: received.length,
    milliseconds: Math.max(milliseconds, lastReceived - begun),
    latency: percentilesOf(taken),
    violations: [...violations, ...compareLogs(accepted, received)],
    accepted,
  }
})
