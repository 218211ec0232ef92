import { RequestError } from '@hono/node-server'
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { ERRORS, isFault, PosthornError } from '../protocol/errors.js'
import { problemHeaders, toProblem } from '../protocol/problem.js'
import { REFUSALS } from '../protocol/refusals.js'
import type { Log } from '../telemetry/log.js'
import { requestIdOf } from '../telemetry/request-id.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { rateLimitFields } from './rate-limit-fields.js'

/** Answers with an error in the contract's form (RFC 9457). */
export function answerProblem(
  context: Context<RequestEnvironment>,
  error: PosthornError,
  headers: Record<string, string> = {},
): Response {
  const requestId = context.get('requestId')
  const quota = context.get('quota')
  return new Response(JSON.stringify(toProblem(error, requestId)), {
    status: ERRORS[error.code].status,
    headers: { ...problemHeaders(error, requestId), ...rateLimitFields(quota), ...headers },
  })
}

/** Answers what fails before any route is reached: most of all a host or path that is none (RFC 9112 §3.2). */
export function unroutedHandler(log: Log) {
  return (thrown: unknown): Response => {
    const requestId = requestIdOf(undefined)
    const error =
      thrown instanceof RequestError
        ? new PosthornError('malformed_request', 'The host or the path is not valid.')
        : new PosthornError('internal', 'Something went wrong here.', { cause: thrown })
    if (error.code === 'internal') log.error({ request: requestId, err: thrown }, 'request failed')
    return new Response(JSON.stringify(toProblem(error, requestId)), {
      status: ERRORS[error.code].status,
      headers: problemHeaders(error, requestId),
    })
  }
}

/** Turns what was thrown into an error for the caller; what is not for the caller is logged and stays here. */
export function problemHandler({ log, metrics }: Pick<HttpContext, 'log' | 'metrics'>) {
  return (thrown: Error, context: Context<RequestEnvironment>): Response => {
    const error = toCallerError(thrown)
    if (REFUSALS.has(error.code)) metrics.connections.refused(error.code, 'http')
    if (isFault(error.code)) {
      log.error({ request: context.get('requestId'), err: error.cause ?? thrown }, 'request failed')
    }
    // A service that stops takes no next request on the same connection. After a body that is too large it stays open while
    // the adaptor reads the rest and throws it away, for half a second at most: closed at once, a caller who is still
    // writing loses the answer to the reset.
    const headers: Record<string, string> =
      error.code === 'shutting_down' ? { connection: 'close' } : {}
    return answerProblem(context, error, headers)
  }
}

/** The error that a caller is told of; what is not for it stays in `cause`, for the log. */
export function toCallerError(thrown: unknown): PosthornError {
  if (thrown instanceof PosthornError) return thrown
  if (thrown instanceof HTTPException && thrown.status === 413) {
    return new PosthornError('payload_too_large', 'The body is over the limit of this path.')
  }
  return new PosthornError(
    'internal',
    'Something went wrong here; the request id finds it in the log.',
    {
      cause: thrown,
    },
  )
}
