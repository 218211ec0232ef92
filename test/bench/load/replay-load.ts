import * as z from 'zod/mini'
import { SendReceipt } from '../../../src/protocol/send.js'
import { readArgument, serveRuns } from '../child-side.js'
import { ReplayLoadOptions, type Entry, type RunReport } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { senderToken } from '../tokens.js'
import { Fleet, withTokens } from './fleet.js'
import { sayingOf, urlsOf, userNames } from './requests.js'

// The load of `replay`: while all devices are away, each of their users is sent some notifications; then all come back at once, each
// from where it was.

const options = ReplayLoadOptions.parse(readArgument())
const names = userNames(options.users)
const token = await senderToken(options.secret)
const passengers = await withTokens(options.secret, names)

/** Everything up to here each device has. */
let position = 0

async function send(index: number): Promise<string> {
  const response = await fetch(new URL('/v1/notifications', options.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ to: { users: names }, ...sayingOf(index) }),
  })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
  return SendReceipt.parse(await response.json()).id
}

/** Of the logs, which all have the same: none of these users was ever erased. */
async function epochOfAll(): Promise<string> {
  const response = await fetch(new URL('/v1/inbox/counts', options.url), {
    headers: { authorization: `Bearer ${passengers[0]?.token}` },
  })
  return z.object({ epoch: z.string() }).parse(await response.json()).epoch
}

/** Of what was sent since they were last there. */
let ids: string[] = []

async function sendAll(): Promise<void> {
  ids = []
  for (let index = 0; index < options.missed; index++) ids.push(await send(index))
}

/** All come back; time is taken from the first connection until the last notification is there. */
async function run(): Promise<RunReport> {
  const query = `&cursor=${position}&epoch=${await epochOfAll()}&batch=true`
  const begun = performance.now()
  const fleet = await Fleet.open({ urls: urlsOf(options), query }, passengers, (error) => {
    console.error(error)
    process.exit(1)
  })
  const { received, lastReceived } = await fleet.takeReceived(names.length * options.missed)
  fleet.close()
  const missed = names.flatMap((user) =>
    ids.map((id, index): Entry => [user, position + index + 1, id]),
  )
  position += options.missed
  return {
    kind: 'ran',
    operations: received.length,
    milliseconds: lastReceived - begun,
    violations: compareLogs(missed, received),
    accepted: [],
  }
}

serveRuns(run, sendAll)
