import { headers } from './headers.js'
import type { Answer, Operation, PathItem } from './types.js'

/** Says where an answer may tell a caller of its limit: services by each, users by the refusal alone. */
export function withRateLimits(paths: Record<string, PathItem>): Record<string, PathItem> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item).map(([method, operation]) => [method, limited(operation)]),
      ),
    ]),
  )
}

function limited(operation: Operation): Operation {
  const [way, ...more] = operation.security
  const scopes = way?.['bearerAuth']
  // What needs no token, or takes one otherwise too, is no request of a caller's.
  if (!scopes || more.length > 0) return operation
  const responses = Object.entries(operation.responses).map(([status, answer]): [string, Answer] =>
    // A 401 comes before anyone is known.
    status === '429' || (scopes.length > 0 && status !== '401')
      ? [status, telling(answer)]
      : [status, answer],
  )
  return { ...operation, responses: Object.fromEntries(responses) }
}

function telling(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, ...headers('RateLimit', 'RateLimit-Policy') } }
}
