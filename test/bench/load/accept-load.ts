import { readArgument, serveRuns } from '../child-side.js'
import { LoadOptions } from '../messages.js'
import { latencyOf, Poster, readAnswers } from './poster.js'
import { sendRequests, userNames } from './requests.js'

// The load of `accept`: POSTs to one user each, round and round over all users. What was accepted is handed back, to be
// compared with what is on disk once the service has stopped.

const options = LoadOptions.parse(readArgument())
const users = userNames(options.users, options.stride)
const poster = new Poster(options.url, await sendRequests(options), options.connections)

serveRuns(async (milliseconds) => {
  const { answers, begun, ended } = await poster.run(milliseconds)
  return {
    kind: 'ran',
    operations: answers.length,
    milliseconds: ended - begun,
    latency: latencyOf(answers),
    ...readAnswers(answers, users),
  }
})
