import { SendReceipt } from '../../../src/protocol/send.js'
import { readArgument, serveRuns } from '../child-side.js'
import { LoadOptions, type Entry, type RunReport } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { serviceToken } from '../tokens.js'
import { Fleet, withTokens } from './fleet.js'
import { sayingOf, urlsOf, userNames } from './requests.js'

// The load of `topic`: sends to a topic, one after the other, each as soon as the one before has reached every subscriber.

const TOPIC = 'everybody'

/** Subscribers that one request names. */
const PER_REQUEST = 1_000

const options = LoadOptions.parse(readArgument())
const names = userNames(options.users)
const token = await serviceToken(options.secret)

async function ask(path: string, body: object): Promise<string> {
  const response = await fetch(new URL(path, options.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
  return text
}

for (let from = 0; from < names.length; from += PER_REQUEST) {
  await ask(`/v1/topics/${TOPIC}/subscribers`, { add: names.slice(from, from + PER_REQUEST) })
}
const fleet = await Fleet.open(
  { urls: urlsOf(options) },
  await withTokens(options.secret, names),
  (error) => {
    console.error(error)
    process.exit(1)
  },
)

/** Sends so far: each is one entry of every log. */
let sent = 0

serveRuns(async (milliseconds): Promise<RunReport> => {
  const before = sent
  const ids: string[] = []
  const begun = performance.now()
  while (performance.now() - begun < milliseconds) {
    const body = { to: { topic: TOPIC }, ...sayingOf(sent) }
    const { id } = SendReceipt.parse(JSON.parse(await ask('/v1/notifications', body)))
    ids.push(id)
    sent++
    await fleet.hasReceived(ids.length * names.length)
  }
  const ended = performance.now()
  const { received } = await fleet.takeReceived(ids.length * names.length)
  const meant = names.flatMap((user) =>
    ids.map((id, index): Entry => [user, before + index + 1, id]),
  )
  return {
    kind: 'ran',
    operations: ids.length,
    milliseconds: ended - begun,
    violations: compareLogs(meant, received),
    accepted: [],
  }
})
