import { readArgument, serveRuns } from '../child-side.js'
import { LoadOptions, type RunReport } from '../messages.js'
import { Fleet, withTokens } from './fleet.js'
import { urlsOf, userNames } from './requests.js'

// The load of `storm`: all devices connect again, as when a proxy in front has restarted; none has missed anything.

const options = LoadOptions.parse(readArgument())
const passengers = await withTokens(options.secret, userNames(options.users))

async function run(): Promise<RunReport> {
  const begun = performance.now()
  const fleet = await Fleet.open({ urls: urlsOf(options) }, passengers, (error) => {
    console.error(error)
    process.exit(1)
  })
  const milliseconds = performance.now() - begun
  const { caughtUp } = fleet
  const { received } = await fleet.takeReceived(0)
  fleet.close()
  const missing = passengers.length - caughtUp
  return {
    kind: 'ran',
    operations: caughtUp,
    milliseconds,
    violations: [
      ...(missing > 0 ? [`${missing} devices did not catch up in time`] : []),
      ...(received.length > 0 ? [`${received.length} notifications came that nobody sent`] : []),
    ],
    accepted: [],
  }
}

serveRuns(run)
