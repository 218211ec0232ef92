import { InboxList } from '../../../src/protocol/inbox.js'
import { readArgument, serveRuns } from '../child-side.js'
import { FilledLoadOptions, type Entry } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { entriesOf } from '../stored.js'
import type { Answer } from './http-connection.js'
import { Poster, reportOf } from './poster.js'
import { listRequests, urlsOf, userNames } from './requests.js'

// The load of `growth list`: asks for the first page of users' inboxes, round and round. Nothing changes in them meanwhile, so
// that each answer is compared with the database once, and with the first one from then on.

/** Entries of a page, where the request names no number. */
const PAGE = 50

const options = FilledLoadOptions.parse(readArgument())
const users = userNames(options.users, options.stride)
const newest = users.map((user) => entriesOf(options.database, user).slice(-PAGE))
/** What each user was shown first. */
const shown = new Map<number, string>()
let violations: string[] = []

/** Looks at an answer, and keeps nothing of it but its status: pages are long. */
function look({ status, body }: Answer, request: number): Answer {
  const first = shown.get(request)
  if (first === undefined || status !== 200) {
    shown.set(request, body)
    violations.push(...complaints({ status, body }, request))
  } else if (body !== first) {
    violations.push(`${users[request]} was shown something else than before: ${body.slice(0, 200)}`)
  }
  return { status, body: '' }
}

function complaints({ status, body }: Answer, request: number): string[] {
  const user = users[request] ?? ''
  if (status !== 200) return [`a list of ${user} was answered ${status}: ${body}`]
  const { items } = InboxList.parse(JSON.parse(body))
  const entries = items.toReversed().map(({ seq, id }): Entry => [user, seq, id])
  return compareLogs(newest[request] ?? [], entries)
}

const requests = await listRequests(options, users)
const poster = new Poster(urlsOf(options), requests, options.connections, look)

serveRuns(async (milliseconds) => {
  violations = []
  const posted = await poster.run(milliseconds)
  return reportOf(posted, { violations, accepted: [] })
})
