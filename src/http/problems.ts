import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { ERRORS, PosthornError } from '../protocol/errors.js'
import { challenge, PROBLEM_CONTENT_TYPE, toProblem } from '../protocol/problem.js'
import type { Log } from '../telemetry/log.js'
import { requestIdOf } from '../telemetry/request-id.js'
import type { RequestEnvironment } from './environment.js'

/** How long a caller waits before it asks again, where the service can't answer now, in seconds. */
const RETRY_AFTER_SECONDS = 1

/** Answers with an error in the contract's form (RFC 9457). */
export function answerProblem(
  context: Context<RequestEnvironment>,
  error: PosthornError,
  headers: Record<string, string> = {},
): Response {
  const { status } = ERRORS[error.code]
  const asked = challenge(error)
  return new Response(JSON.stringify(toProblem(error, context.var.requestId)), {
    status,
    headers: {
      'content-type': PROBLEM_CONTENT_TYPE,
      'x-request-id': context.var.requestId,
      ...(asked !== undefined && { 'www-authenticate': asked }),
      ...(status === 503 && { 'retry-after': String(RETRY_AFTER_SECONDS) }),
      ...headers,
    },
  })
}

/** Answers a request whose host or path is none (RFC 9112 §3.2), which reaches no route. */
export function answerMalformed(): Response {
  const requestId = requestIdOf(undefined)
  const error = new PosthornError(
    'malformed_request',
    'The host or the path of the request is not valid.',
  )
  return new Response(JSON.stringify(toProblem(error, requestId)), {
    status: ERRORS.malformed_request.status,
    headers: { 'content-type': PROBLEM_CONTENT_TYPE, 'x-request-id': requestId },
  })
}

/** Turns what was thrown into an error for the caller; what is not for the caller is logged and stays here. */
export function problemHandler(log: Log) {
  return (thrown: Error, context: Context<RequestEnvironment>): Response => {
    const error = toCallerError(thrown)
    if (ERRORS[error.code].status >= 500) {
      log.error({ request: context.var.requestId, err: error.cause ?? thrown }, 'request failed')
    }
    // An unread body must not be waited for, and a service that stops takes no next request on the same connection.
    const ends = error.code === 'payload_too_large' || error.code === 'shutting_down'
    const headers: Record<string, string> = ends ? { connection: 'close' } : {}
    return answerProblem(context, error, headers)
  }
}

function toCallerError(thrown: Error): PosthornError {
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
