import { ERRORS, PosthornError, type ErrorCode, type Violation } from '../../protocol/errors.js'
import { PROBLEM_CONTENT_TYPE, toProblem } from '../../protocol/problem.js'
import { HEADERS, problemHeaders } from './headers.js'
import { reference } from './schemas.js'
import type { Answer, Example, Reference } from './types.js'

/** How an error reads. */
interface Occurrence {
  detail: string
  violations?: Violation[]
}

/** How each error that REST answers reads, where a path says nothing else; its title and its status come from the table of errors. */
const OCCURRENCES = {
  malformed_body: { detail: 'The body is not JSON.' },
  invalid_query: {
    detail: 'The query is not valid.',
    violations: [{ pointer: '/colour', code: 'unknown_field', detail: 'there is no such field' }],
  },
  invalid_page: { detail: 'Take `page` as it came in `nextPage`.' },
  invalid_idempotency_key: {
    detail: 'An Idempotency-Key is 1–255 visible ASCII characters, bare or as one quoted string.',
  },
  idempotency_key_in_items: {
    detail: 'Give each item an `idempotencyKey` in place of the header.',
  },
  device_required: { detail: 'Name the device: `?device=` or the claim `device`.' },
  epoch_required: { detail: 'A position is sent together with its epoch.' },
  multiple_credentials: { detail: 'Send the token in one way only.' },
  unsupported_subprotocol: { detail: 'The subprotocol is posthorn.v1.' },
  invalid_handshake: { detail: 'Missing or invalid Sec-WebSocket-Key header' },
  missing_token: { detail: 'Send `Authorization: Bearer <JWT>`.' },
  invalid_token: { detail: "The token's claim `sub` is missing or not accepted." },
  token_expired: { detail: 'The token has expired.' },
  token_revoked: { detail: 'The token was revoked.' },
  insufficient_scope: { detail: 'This needs the token of a service.' },
  device_not_allowed: { detail: 'The token serves another device.' },
  origin_not_allowed: { detail: 'Pages of this origin may not connect.' },
  host_not_allowed: {
    detail: 'In development this service answers to localhost, 127.0.0.1 and [::1] alone.',
  },
  not_found: { detail: 'There is no such notification.' },
  epoch_mismatch: { detail: 'The position is of another log: list the inbox again.' },
  ack_ahead: { detail: 'The log reaches 1087.' },
  payload_too_large: { detail: 'A request has at most 1048576 bytes here.' },
  invalid_request: {
    detail: 'The body is not a notification to send.',
    violations: [{ pointer: '/type', code: 'required', detail: 'this field is required' }],
  },
  idempotency_key_reused: {
    detail: 'This Idempotency-Key came with another body within the last 24 hours.',
  },
  upgrade_required: { detail: 'Connect to this path with a WebSocket.' },
  rate_limited: { detail: 'Too many requests: wait as long as `Retry-After` says.' },
  internal: { detail: 'Something went wrong here; the request id finds it in the log.' },
  shutting_down: { detail: 'The service is stopping.' },
  keys_unavailable: {
    detail: 'The keys that this token may be signed with can’t be had now: try again.',
  },
  store_unavailable: { detail: 'The store does not answer; nothing was changed.' },
  storage_full: { detail: 'The disk of the service is full; nothing was changed.' },
  overloaded: { detail: 'The store has fallen behind: try again.' },
} satisfies Partial<Record<ErrorCode, Occurrence>>

/** An error that the document gives for at least one operation. */
export type DocumentedCode = keyof typeof OCCURRENCES

/** An error of an operation that reads otherwise there than at most. */
export interface ParticularError extends Occurrence {
  code: DocumentedCode
}

/** An error that an operation answers. */
export type DocumentedError = DocumentedCode | ParticularError

/** Every error of the document. */
const DOCUMENTED_CODES = Object.keys(ERRORS).filter(isDocumented)

function isDocumented(code: string): code is DocumentedCode {
  return Object.hasOwn(OCCURRENCES, code)
}

/** An example of each error, by code. */
export function problemExamples(): Record<string, Example> {
  return Object.fromEntries(
    DOCUMENTED_CODES.map((code) => [code, exampleOf({ code, ...OCCURRENCES[code] })]),
  )
}

function exampleOf({ code, detail, ...options }: ParticularError): Example {
  const error = new PosthornError(code, detail, options)
  const value = toProblem(error, HEADERS['X-Request-Id'].example)
  return { summary: ERRORS[code].title, value }
}

/** The answers of an operation that can fail with these errors, by status; of two with one code the later tells more. */
export function problemAnswers(...given: DocumentedError[]): Record<string, Answer> {
  const errors = [...new Map(given.map((error) => [codeOf(error), error])).values()]
  const statuses = new Set(errors.map(statusOf))
  return Object.fromEntries(
    [...statuses].map((status) => [
      String(status),
      problemAnswer(errors.filter((error) => statusOf(error) === status)),
    ]),
  )
}

function codeOf(error: DocumentedError): DocumentedCode {
  return typeof error === 'string' ? error : error.code
}

function statusOf(error: DocumentedError): number {
  return ERRORS[codeOf(error)].status
}

function problemAnswer(errors: readonly DocumentedError[]): Answer {
  const codes = errors.map(codeOf)
  return {
    description: codes.map((code) => `- \`${code}\`: ${ERRORS[code].title}.`).join('\n'),
    headers: problemHeaders(codes),
    content: {
      [PROBLEM_CONTENT_TYPE]: {
        schema: {
          allOf: [reference('Problem'), { properties: { code: { enum: [...codes] } } }],
        },
        examples: Object.fromEntries(errors.map((error) => [codeOf(error), shown(error)])),
      },
    },
  }
}

/** Where it stands among the components, or the example itself where that is of the operation alone. */
function shown(error: DocumentedError): Example | Reference {
  return typeof error === 'string' ? { $ref: `#/components/examples/${error}` } : exampleOf(error)
}
