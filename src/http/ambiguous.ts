import type { MiddlewareHandler } from 'hono'
import { hasOneHost } from '../auth/hosts.js'
import { PosthornError } from '../protocol/errors.js'
import type { RequestEnvironment } from './environment.js'
import { answerProblem } from './problems.js'

/**
 * Refuses what Node's parser lets by and a proxy in front may have read otherwise: a second `Host` (RFC 9112 §3.2), and a
 * transfer coding in HTTP/1.0, which has none (§6.1). The connection ends with the answer, since nobody can say where the
 * next request begins.
 */
export const refuseAmbiguous: MiddlewareHandler<RequestEnvironment> = (context, next) => {
  const { incoming } = context.env
  const { httpVersionMinor, headers } = incoming
  const isCoded = httpVersionMinor === 0 && headers['transfer-encoding'] !== undefined
  if (hasOneHost(incoming) && !isCoded) return next()
  const error = new PosthornError('malformed_request', 'The request can be read in two ways.')
  return Promise.resolve(answerProblem(context, error, { connection: 'close' }))
}
