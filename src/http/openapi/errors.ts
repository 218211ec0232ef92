import { ERRORS, PosthornError, type ErrorCode, type Violation } from '../../protocol/errors.js'
import { PROBLEM_CONTENT_TYPE, toProblem } from '../../protocol/problem.js'
import { HEADERS, problemHeaders } from './headers.js'
import { reference } from './schemas.js'
import type { Answer, Example } from './types.js'

interface Occurrence {
  detail: string
  violations?: Violation[]
}

/** How each error that REST answers may read; its title and its status come from the table of errors. */
const OCCURRENCES = {
  malformed_body: { detail: 'The body is not JSON.' },
  invalid_query: {
    detail: 'The query is not valid.',
    violations: [{ pointer: '/limit', code: 'invalid_value', detail: 'must be at most 100' }],
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
  insufficient_scope: { detail: 'This needs the token of a service.' },
  device_not_allowed: { detail: 'The token serves another device.' },
  origin_not_allowed: { detail: 'Pages of this origin may not connect.' },
  host_not_allowed: {
    detail: 'In development this service answers to localhost, 127.0.0.1 and [::1] alone.',
  },
  not_found: { detail: 'There is no such notification.' },
  epoch_mismatch: { detail: 'The position is of another log: list the inbox again.' },
  ack_ahead: { detail: 'The log reaches 1087.' },
  payload_too_large: { detail: 'A notification has at most 64 KiB.' },
  invalid_request: {
    detail: 'The body is not a notification to send.',
    violations: [{ pointer: '/type', code: 'required', detail: 'this field is required' }],
  },
  idempotency_key_reused: {
    detail: 'This Idempotency-Key came with another body within the last 24 hours.',
  },
  upgrade_required: { detail: 'Connect to this path with a WebSocket.' },
  rate_limited: { detail: 'At most 5 bulk marks a second for one user.' },
  internal: { detail: 'Something went wrong here; the request id finds it in the log.' },
  shutting_down: { detail: 'The service is stopping.' },
  keys_unavailable: {
    detail: 'The keys that this token may be signed with can’t be had now: try again.',
  },
  store_unavailable: { detail: 'The store does not answer; nothing was changed.' },
} satisfies Partial<Record<ErrorCode, Occurrence>>

/** An error that the document gives for at least one operation. */
export type DocumentedCode = keyof typeof OCCURRENCES

/** Every error of the document. */
const DOCUMENTED_CODES = Object.keys(ERRORS).filter(isDocumented)

function isDocumented(code: string): code is DocumentedCode {
  return Object.hasOwn(OCCURRENCES, code)
}

/** An example of each error, by code. */
export function problemExamples(): Record<string, Example> {
  return Object.fromEntries(
    DOCUMENTED_CODES.map((code) => {
      const { detail, ...options }: Occurrence = OCCURRENCES[code]
      const error = new PosthornError(code, detail, options)
      const value = toProblem(error, HEADERS['X-Request-Id'].example)
      return [code, { summary: ERRORS[code].title, value }]
    }),
  )
}

/** The answers of an operation that can fail with these errors, by status. */
export function problemAnswers(...codes: DocumentedCode[]): Record<string, Answer> {
  const statuses = new Set(codes.map((code) => ERRORS[code].status))
  return Object.fromEntries(
    [...statuses].map((status) => [
      String(status),
      problemAnswer(codes.filter((code) => ERRORS[code].status === status)),
    ]),
  )
}

function problemAnswer(codes: readonly DocumentedCode[]): Answer {
  return {
    description: codes.map((code) => `- \`${code}\`: ${ERRORS[code].title}.`).join('\n'),
    headers: problemHeaders(codes),
    content: {
      [PROBLEM_CONTENT_TYPE]: {
        schema: {
          allOf: [reference('Problem'), { properties: { code: { enum: [...codes] } } }],
        },
        examples: Object.fromEntries(
          codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
        ),
      },
    },
  }
}
