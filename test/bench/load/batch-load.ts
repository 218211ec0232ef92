import { BatchResult } from '../../../src/protocol/batch.js'
import { readArgument, serveRuns } from '../child-side.js'
import { BatchLoadOptions, type Entry } from '../messages.js'
import { Poster, reportOf, type Posted } from './poster.js'
import { batchRequests, urlsOf, userNames } from './requests.js'

// The load of `batch`: POSTs of many notifications, to one user each. What was accepted is handed back, to be compared with
// what is on disk once the service has stopped.

const options = BatchLoadOptions.parse(readArgument())
const users = userNames(options.users)
const poster = new Poster(urlsOf(options), await batchRequests(options), options.connections)

/** What the answers say was accepted, and what else they say. */
function readBatches(answers: Posted['answers']): { accepted: Entry[]; violations: string[] } {
  const accepted: Entry[] = []
  const violations: string[] = []
  for (const { request, answer } of answers) {
    if (answer.status !== 200) {
      violations.push(`a batch was answered ${answer.status}: ${answer.body}`)
      continue
    }
    const { results } = BatchResult.parse(JSON.parse(answer.body))
    if (results.length !== options.perBatch) violations.push(`${results.length} results`)
    for (const result of results) {
      const user = users[request * options.perBatch + result.index] ?? ''
      if ('problem' in result) violations.push(`an item for ${user}: ${result.problem.code}`)
      else accepted.push([user, result.notification.seq ?? 0, result.notification.id])
    }
  }
  return { accepted, violations }
}

serveRuns(async (milliseconds) => {
  const posted = await poster.run(milliseconds)
  return reportOf(posted, readBatches(posted.answers), options.perBatch)
})
