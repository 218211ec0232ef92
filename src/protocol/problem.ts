import * as z from 'zod/mini'
import { ERRORS, Violation, type PosthornError } from './errors.js'
import { SECURITY_HEADERS } from './security-headers.js'

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

/** How long a caller waits before it asks again, where the service can't answer now and doesn't know for how long. */
const RETRY_AFTER_SECONDS = 1

/** The headers that go with a problem. */
export function problemHeaders(error: PosthornError, requestId: string): Record<string, string> {
  const asked = challenge(error)
  return {
    'content-type': PROBLEM_CONTENT_TYPE,
    'x-request-id': requestId,
    ...(asked !== undefined && { 'www-authenticate': asked }),
    // RFC 6455 §4.4: who speaks another version learns which is spoken here.
    ...(error.code === 'invalid_handshake' && { 'sec-websocket-version': '13' }),
    ...([429, 503, 507].includes(ERRORS[error.code].status) && {
      'retry-after': String(error.retryAfterSeconds ?? RETRY_AFTER_SECONDS),
    }),
  }
}

/** A whole HTTP/1.1 answer, for where no HTTP library writes one; the connection ends with it (RFC 9112 §4, §9.6). */
export function problemMessage(error: PosthornError, requestId: string): string {
  const body = JSON.stringify(toProblem(error, requestId))
  const headers = {
    ...SECURITY_HEADERS,
    ...problemHeaders(error, requestId),
    'content-length': String(new TextEncoder().encode(body).length),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const { status, title } = ERRORS[error.code]
  return [`HTTP/1.1 ${status} ${title}`, ...lines, '', body].join('\r\n')
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
    case 'token_revoked':
      return 'Bearer realm="posthorn", error="invalid_token"'
    case 'insufficient_scope':
      return 'Bearer realm="posthorn", error="insufficient_scope"'
    default:
      return undefined
  }
}
