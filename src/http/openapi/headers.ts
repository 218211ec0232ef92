import { ERRORS, PosthornError, type ErrorCode } from '../../protocol/errors.js'
import { challenge } from '../../protocol/problem.js'
import { SUBPROTOCOL } from '../../protocol/version.js'
import type { Header, Reference } from './types.js'

/** The headers of answers, by name. */
export const HEADERS = {
  'X-Request-Id': {
    description:
      "Names the request in the service's log. Taken over from the request where it sent one of 1–64 characters " +
      'of `A-Za-z0-9_-=`.',
    schema: { type: 'string' },
    example: '6f0d8f5e-52a1-4f0e-9d37-0a8c4e1b7d25',
  },
  'Idempotency-Replayed': {
    description: '`true` where this is the answer that an earlier request with the same key had.',
    schema: { type: 'string', const: 'true' },
    example: 'true',
  },
  'WWW-Authenticate': {
    description: 'What is wrong with the token (RFC 6750 §3); without `error` where none came.',
    schema: { type: 'string' },
    example: 'Bearer realm="posthorn", error="invalid_token"',
  },
  'Retry-After': {
    description: 'Seconds to wait before the same request is sent again.',
    schema: { type: 'string', pattern: '^[0-9]+$' },
    example: '1',
  },
  RateLimit: {
    description:
      'What is left of the requests that the caller may make, and in how many seconds there are as many as ever ' +
      '(draft-ietf-httpapi-ratelimit-headers). Services have it with each answer where `SERVICE_REQUESTS_PER_SECOND` ' +
      'limits them, each item of a batch counted; users with a 429.',
    schema: { type: 'string' },
    example: '"service";r=19873;t=6',
  },
  'RateLimit-Policy': {
    description: 'How many requests the caller may make, and within how many seconds.',
    schema: { type: 'string' },
    example: '"service";q=20000;w=10',
  },
  ETag: {
    description:
      'Names this answer (RFC 9110 §8.8.3): send it as `If-None-Match` with the next request.',
    schema: { type: 'string' },
    example: '"3f2a9c41d07b5e6688a1c0d94b7e2f5513ac90de"',
  },
  'Cache-Control': {
    description: 'Whoever keeps it asks again before it is shown.',
    schema: { type: 'string', const: 'private, no-cache' },
    example: 'private, no-cache',
  },
  Upgrade: {
    description: 'What to speak on this path (RFC 9110 §7.8).',
    schema: { type: 'string' },
    example: 'websocket',
  },
  'Sec-WebSocket-Protocol': {
    description:
      'The subprotocol, where the client offered any; the entry with a token is never sent back.',
    schema: { type: 'string', const: SUBPROTOCOL },
    example: SUBPROTOCOL,
  },
} satisfies Record<string, Header>

type HeaderName = keyof typeof HEADERS

/** References to headers of the document. */
export function headers(...names: HeaderName[]): Record<string, Reference> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

/** The headers that answers with these errors may carry. */
export function problemHeaders(codes: readonly ErrorCode[]): Record<string, Reference> {
  const names: HeaderName[] = ['X-Request-Id']
  if (codes.some((code) => challenge(new PosthornError(code, '')))) names.push('WWW-Authenticate')
  if (codes.some((code) => [429, 503, 507].includes(ERRORS[code].status))) names.push('Retry-After')
  if (codes.includes('upgrade_required')) names.push('Upgrade')
  return headers(...names)
}
