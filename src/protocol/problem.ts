import * as z from 'zod/mini'
import { ERRORS, Violation, type PosthornError } from './errors.js'

export const PROBLEM_CONTENT_TYPE = 'application/problem+json'

/** The body of every REST error (RFC 9457 §3). */
export const Problem = z.object({
  /** Names the kind of problem, as `code` does; it is a name, not an address. */
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  requestId: z.string(),
  errors: z.optional(z.array(Violation)),
})
export type Problem = z.infer<typeof Problem>

export function toProblem(error: PosthornError, requestId: string): Problem {
  const { title, status } = ERRORS[error.code]
  return {
    // RFC 9457 §3.1.1 wants a URI; with "about:blank" the title would have to be the status's own phrase (§4.2.1).
    type: `urn:posthorn:error:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    requestId,
    ...(error.violations && { errors: [...error.violations] }),
  }
}

/**
 * The challenge that a 401, and a 403 for want of scope, carries (RFC 6750 §3): without an error where no
 * token came, else with the RFC's own error codes.
 */
export function challenge(error: PosthornError): string | undefined {
  switch (error.code) {
    case 'missing_token':
      return 'Bearer realm="posthorn"'
    case 'invalid_token':
    case 'token_expired':
      return 'Bearer realm="posthorn", error="invalid_token"'
    case 'insufficient_scope':
      return 'Bearer realm="posthorn", error="insufficient_scope"'
    default:
      return undefined
  }
}
