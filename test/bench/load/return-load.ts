import { readArgument, serveRuns } from '../child-side.js'
import { FilledLoadOptions, type RunReport } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { entriesOf } from '../stored.js'
import { Fleet, withTokens } from './fleet.js'
import { userNames } from './requests.js'

// The load of `growth replay` and `replay deep`: new devices come at once, receive all that their users' inboxes hold and acknowledge
// it; and others after them, until the time is over.

const options = FilledLoadOptions.parse(readArgument())
const users = userNames(options.users, options.stride)
const passengers = await withTokens(options.secret, users)
const stored = users.flatMap((user) => entriesOf(options.database, user))

/** Times that devices have come. */
let wave = 0

serveRuns(async (milliseconds): Promise<RunReport> => {
  const violations: string[] = []
  let [operations, taken] = [0, 0]
  while (taken < milliseconds) {
    const begun = performance.now()
    const fleet = await Fleet.open(
      { urls: [options.url], name: `bench-${++wave}`, query: '&batch=true' },
      passengers,
      (error) => {
        console.error(error)
        process.exit(1)
      },
    )
    const { received, lastReceived } = await fleet.takeReceived(stored.length)
    fleet.close()
    taken += lastReceived - begun
    operations += received.length
    violations.push(...compareLogs(stored, received))
  }
  return { kind: 'ran', operations, milliseconds: taken, violations, accepted: [] }
})
