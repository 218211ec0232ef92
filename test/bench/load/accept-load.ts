import { readArgument, serveRuns } from '../child-side.js'
import { LoadOptions } from '../messages.js'
import { Poster, readAnswers, reportOf } from './poster.js'
import { sendRequests, urlsOf, userNames } from './requests.js'

// The load of `accept`: POSTs to one user each, round and round over all users. What was accepted is handed back, to be
// compared with what is on disk once the service has stopped.

const options = LoadOptions.parse(readArgument())
const users = userNames(options.users, options.stride)
const poster = new Poster(urlsOf(options), await sendRequests(options), options.connections)

serveRuns(async (milliseconds) => {
  const posted = await poster.run(milliseconds)
  return reportOf(posted, readAnswers(posted.answers, users))
})
