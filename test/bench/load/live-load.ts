import { readArgument, serveRuns } from '../child-side.js'
import { LoadOptions } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { Fleet, withTokens } from './fleet.js'
import { Poster, readAnswers } from './poster.js'
import { sendRequests, urlsOf, userNames } from './requests.js'

// The load of `live`: POSTs to one user each, every user with a connected device, from the first request until the last
// notification has reached its device.

const options = LoadOptions.parse(readArgument())
const users = userNames(options.users)
const poster = new Poster(urlsOf(options), await sendRequests(options), options.connections)
const passengers = await withTokens(options.secret, users)
const fleet = await Fleet.open({ urls: urlsOf(options) }, passengers, (error) => {
  console.error(error)
  process.exit(1)
})

serveRuns(async (milliseconds) => {
  const { answers, begun, ended } = await poster.run(milliseconds)
  const { accepted, violations } = readAnswers(answers, users)
  const { received, lastReceived } = await fleet.takeReceived(accepted.length)
  return {
    kind: 'ran',
    operations: received.length,
    milliseconds: Math.max(ended, lastReceived) - begun,
    violations: [...violations, ...compareLogs(accepted, received)],
    accepted,
  }
})
