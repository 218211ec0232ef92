import * as z from 'zod/mini'

interface ErrorRow {
  /** What went wrong, the same for each occurrence (RFC 9457 §3.1.4). */
  title: string
  /** The HTTP status with which REST answers it. */
  status: number
  /** The code with which a socket closes on it, or null where the connection goes on. */
  close: number | null
  /** Whether the same request may succeed later, unchanged. */
  retryable: boolean
}

/**
 * Every error that Posthorn gives, by its stable code. REST, socket and clients read this one table.
 * Close codes: RFC 6455 §7.4; those from 4400 follow the HTTP status they stand for.
 */
export const ERRORS = {
  // what the caller sent
  malformed_request: {
    title: 'The request is not valid HTTP',
    status: 400,
    close: null,
    retryable: false,
  },
  headers_too_large: {
    title: 'The headers are too large',
    status: 431,
    close: null,
    retryable: false,
  },
  request_timeout: {
    title: 'The request did not come in time',
    status: 408,
    close: null,
    retryable: true,
  },
  malformed_body: { title: 'The body is not JSON', status: 400, close: null, retryable: false },
  invalid_query: { title: 'The query is not valid', status: 400, close: 4400, retryable: false },
  invalid_page: {
    title: 'The page is not one of ours',
    status: 400,
    close: null,
    retryable: false,
  },
  invalid_idempotency_key: {
    title: 'The Idempotency-Key is not valid',
    status: 400,
    close: null,
    retryable: false,
  },
  idempotency_key_in_items: {
    title: 'In a batch each item has its own idempotency key',
    status: 400,
    close: null,
    retryable: false,
  },
  device_required: { title: 'A device is required', status: 400, close: 4400, retryable: false },
  epoch_required: {
    title: 'A position comes with its epoch',
    status: 400,
    close: 4400,
    retryable: false,
  },
  multiple_credentials: {
    title: 'More than one credential was sent',
    status: 400,
    close: 4400,
    retryable: false,
  },
  unsupported_subprotocol: {
    title: 'None of the subprotocols offered is spoken here',
    status: 400,
    close: null,
    retryable: false,
  },
  invalid_handshake: {
    title: 'The WebSocket handshake is not valid',
    status: 400,
    close: null,
    retryable: false,
  },
  // who the caller is
  missing_token: {
    title: 'A bearer token is required',
    status: 401,
    close: 4401,
    retryable: false,
  },
  invalid_token: { title: 'The token is not valid', status: 401, close: 4401, retryable: false },
  token_expired: { title: 'The token has expired', status: 401, close: 4401, retryable: false },
  token_revoked: {
    title: 'The token was revoked',
    status: 401,
    close: 4403,
    retryable: false,
  },
  insufficient_scope: {
    title: 'The token does not allow this',
    status: 403,
    close: 4403,
    retryable: false,
  },
  device_not_allowed: {
    title: 'The token serves another device',
    status: 403,
    close: 4403,
    retryable: false,
  },
  principal_changed: {
    title: 'The fresh token is of someone else',
    status: 403,
    close: 4403,
    retryable: false,
  },
  topic_not_allowed: {
    title: 'The token does not allow this topic',
    status: 403,
    close: null,
    retryable: false,
  },
  disconnected: {
    title: 'A service has ended the connection',
    status: 403,
    close: 4403,
    retryable: false,
  },
  user_erased: { title: 'The user was erased', status: 403, close: 4403, retryable: false },
  origin_not_allowed: {
    title: 'The origin is not allowed',
    status: 403,
    close: 4403,
    retryable: false,
  },
  host_not_allowed: {
    title: 'In development only loopback host names are served',
    status: 403,
    close: 4403,
    retryable: false,
  },
  // what there is
  not_found: { title: 'There is no such thing', status: 404, close: null, retryable: false },
  method_not_allowed: {
    title: 'The path does not take this method',
    status: 405,
    close: null,
    retryable: false,
  },
  epoch_mismatch: {
    title: 'The log has another epoch',
    status: 409,
    close: null,
    retryable: false,
  },
  ack_ahead: {
    title: 'The acknowledgement is ahead of what was sent',
    status: 409,
    close: null,
    retryable: false,
  },
  too_many_topics: {
    title: 'The user has as many topics of its own as it may',
    status: 409,
    close: null,
    retryable: false,
  },
  too_many_connections: {
    title: 'The user has more connections than it may',
    status: 409,
    close: 4409,
    retryable: false,
  },
  device_removed: {
    title: 'The device was removed',
    status: 410,
    close: 4410,
    retryable: false,
  },
  payload_too_large: { title: 'The body is too large', status: 413, close: null, retryable: false },
  invalid_request: {
    title: 'The request is not valid',
    status: 422,
    close: null,
    retryable: false,
  },
  idempotency_key_reused: {
    title: 'The Idempotency-Key was used with another body',
    status: 422,
    close: null,
    retryable: false,
  },
  upgrade_required: {
    title: 'This path speaks WebSocket',
    status: 426,
    close: null,
    retryable: false,
  },
  // what the socket was told
  malformed_message: { title: 'The frame is not JSON', status: 400, close: null, retryable: false },
  invalid_message: {
    title: 'The message has the wrong shape',
    status: 422,
    close: null,
    retryable: false,
  },
  unknown_type: { title: 'There is no such message', status: 422, close: null, retryable: false },
  too_many_errors: {
    title: 'Too many messages were not understood',
    status: 400,
    close: 4400,
    retryable: false,
  },
  binary_not_supported: { title: 'Frames are text', status: 400, close: 1003, retryable: false },
  authentication_timeout: {
    title: 'No token came in time',
    status: 408,
    close: 4408,
    retryable: true,
  },
  too_slow: { title: 'The client is too slow', status: 408, close: 4408, retryable: true },
  idle: { title: 'The client has said nothing', status: 408, close: 4408, retryable: true },
  rate_limited: { title: 'Too many requests', status: 429, close: 4429, retryable: true },
  // what went wrong here
  internal: { title: 'Something went wrong here', status: 500, close: 1011, retryable: true },
  shutting_down: {
    title: 'The service is stopping',
    status: 503,
    close: 1012,
    retryable: true,
  },
  store_unavailable: {
    title: 'The store does not answer',
    status: 503,
    close: 1013,
    retryable: true,
  },
  storage_full: {
    title: 'The disk of the service is full',
    status: 507,
    close: 1013,
    retryable: true,
  },
  overloaded: {
    title: 'The service has more to do than it can now',
    status: 503,
    close: 1013,
    retryable: true,
  },
  keys_unavailable: {
    title: 'The keys that verify tokens cannot be had now',
    status: 503,
    close: 1013,
    retryable: true,
  },
} as const satisfies Record<string, ErrorRow>

/** A stable error code; callers may switch on it. */
export type ErrorCode = keyof typeof ERRORS

/**
 * Whether an error is a fault of ours, which the operator should read of in the log at each request that met it. What befalls the
 * store is told by the store, once while it lasts.
 */
export function isFault(code: ErrorCode): boolean {
  return code === 'internal'
}

/** Whether the store can't take a write now, and may soon: what asked for it can wait, and the connection goes on. */
export function isStoreTrouble(code: ErrorCode): boolean {
  return code === 'store_unavailable' || code === 'storage_full' || code === 'overloaded'
}

/** One thing wrong with the input. */
export const Violation = z.object({
  /** Where: a JSON pointer (RFC 6901) into the input. */
  pointer: z.string(),
  code: z.enum(['required', 'unknown_field', 'invalid_type', 'invalid_value']),
  detail: z.string(),
})
export type Violation = z.infer<typeof Violation>

/** The errors that answer a caller; anything else that is thrown is a fault of ours (`internal`). */
export class PosthornError extends Error {
  override readonly name = 'PosthornError'
  readonly code: ErrorCode
  readonly violations: readonly Violation[] | undefined
  /** How long the caller should wait before it asks again, where that is known. */
  readonly retryAfterSeconds: number | undefined

  /** `detail` is shown to the caller: it never holds a token, nor what others own. */
  constructor(
    code: ErrorCode,
    detail: string,
    options: {
      violations?: readonly Violation[]
      cause?: unknown
      retryAfterSeconds?: number
    } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.violations = options.violations
    this.retryAfterSeconds = options.retryAfterSeconds
  }
}
