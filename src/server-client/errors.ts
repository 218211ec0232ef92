import { ERRORS, type ErrorCode } from '../protocol/errors.js'
import type { Newer, ProblemAnswer } from './answers.js'

/** What each error tells of the call that failed. */
export interface FailedCall {
  /** Requests that were made for it. */
  attempts: number
  /** The key under which it was sent: with it, and the same body, it can be sent again and never notifies twice. */
  idempotencyKey?: string | undefined
  cause?: unknown
}

/** What the errors of this client have in common. `code` is stable; messages never hold a token. */
export abstract class PosthornClientError extends Error {
  abstract readonly code: ErrorCode | OwnCode | Newer
  /** Whether the same call may succeed later, unchanged. */
  abstract readonly retryable: boolean
  readonly attempts: number
  readonly idempotencyKey: string | undefined

  constructor(message: string, { attempts, idempotencyKey, cause }: FailedCall) {
    super(message, cause === undefined ? undefined : { cause })
    this.attempts = attempts
    this.idempotencyKey = idempotencyKey
  }
}

/** The codes of what fails on this side of the service, or between here and there. */
export type OwnCode =
  | 'network_error'
  | 'timeout'
  | 'unreadable_error'
  | 'unreadable_answer'
  | 'token_unavailable'
  | 'invalid_argument'

/** The service said no, in a problem (RFC 9457). `code` is one of its table of errors, or of a newer one. */
export class PosthornApiError extends PosthornClientError {
  override readonly name = 'PosthornApiError'
  override readonly code: ErrorCode | Newer
  override readonly retryable: boolean
  readonly status: number
  readonly title: string
  readonly detail: string
  /** Finds the request in the service's log. */
  readonly requestId: string
  /** What is wrong with the body or the query, where that is it. */
  readonly errors: NonNullable<ProblemAnswer['errors']>
  /** Milliseconds after which the service may be asked again, where it said so. */
  readonly retryAfterMs: number | undefined

  constructor(
    problem: ProblemAnswer,
    call: FailedCall & { status: number; retryAfterMs?: number | undefined },
  ) {
    const { code, title, detail, requestId, errors = [] } = problem
    super(`${call.status} ${code}: ${detail}`, call)
    this.code = code
    this.status = call.status
    this.title = title
    this.detail = detail
    this.requestId = requestId
    this.errors = errors
    this.retryable = isKnown(code) ? ERRORS[code].retryable : isTransientStatus(call.status)
    this.retryAfterMs = call.retryAfterMs
  }
}

/**
 * An answer came that the service does not give: `unreadable_error` where it is no success and no problem either (a proxy's
 * page, say), `unreadable_answer` where it is a success with a body that is not the one of the protocol.
 */
export class PosthornAnswerError extends PosthornClientError {
  override readonly name = 'PosthornAnswerError'
  override readonly code: 'unreadable_error' | 'unreadable_answer'
  override readonly retryable: boolean
  readonly status: number
  /** Of the answer's header; proxies often pass it on. */
  readonly requestId: string | undefined
  readonly retryAfterMs: number | undefined

  constructor(
    code: PosthornAnswerError['code'],
    call: FailedCall & { status: number; requestId?: string; retryAfterMs?: number | undefined },
  ) {
    const what =
      code === 'unreadable_error'
        ? `${call.status} without a problem of the service`
        : `${call.status} with a body that is not of the protocol`
    super(`the answer was ${what}`, call)
    this.code = code
    this.status = call.status
    this.requestId = call.requestId
    this.retryAfterMs = call.retryAfterMs
    this.retryable = isTransientStatus(call.status)
  }
}

/** No answer came: no connection, or one that ended too early. The service may have done what was asked. */
export class PosthornNetworkError extends PosthornClientError {
  override readonly name = 'PosthornNetworkError'
  override readonly code = 'network_error'
  override readonly retryable = true
}

/** No answer came in time. The service may have done what was asked. */
export class PosthornTimeoutError extends PosthornClientError {
  override readonly name = 'PosthornTimeoutError'
  override readonly code = 'timeout'
  override readonly retryable = true
}

/** The application's `token` failed, or gave what can't be one; nothing was sent. */
export class PosthornTokenError extends PosthornClientError {
  override readonly name = 'PosthornTokenError'
  override readonly code = 'token_unavailable'
  override readonly retryable = false
}

/** What was given can't be sent, and was not. */
export class PosthornArgumentError extends PosthornClientError {
  override readonly name = 'PosthornArgumentError'
  override readonly code = 'invalid_argument'
  override readonly retryable = false

  constructor(message: string, call: Partial<FailedCall> = {}) {
    super(message, { attempts: 0, ...call })
  }
}

/** Too many requests, or a fault of the other side: what may be gone the next time. */
export function isTransientStatus(status: number): boolean {
  return status === 429 || status >= 500
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code)
}
