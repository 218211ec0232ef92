import type { ErrorCode } from '../protocol/errors.js'

/** What goes wrong on this side of the wire. */
type LocalErrorCode =
  /** A command had no answer in time. */
  | 'deadline_exceeded'
  /** The inbox was closed, by the application or for good by the service. */
  | 'closed'
  /** `token` threw, gave what is no token, or did not answer in time. */
  | 'token_failed'
  /** The environment would not open a socket: a page over https none to http, say. */
  | 'connect_failed'
  /** The storage threw, or did not answer in time. */
  | 'storage_failed'
  /** A handler of the application's threw. */
  | 'handler_failed'
  /** The inbox could not be listed over HTTP. */
  | 'list_failed'
  /** A frame or an answer came that is not of the protocol. */
  | 'unreadable'

/** Codes of the service, of this side, and those that a newer service may have. */
export type InboxErrorCode = ErrorCode | LocalErrorCode | (string & {})

/** What the SDK reports, and what rejects its commands. */
export class InboxError extends Error {
  override readonly name = 'InboxError'
  /** Stable; callers may switch on it. */
  readonly code: InboxErrorCode
  /** Whether the same may succeed later, unchanged. */
  readonly retryable: boolean

  constructor(
    code: InboxErrorCode,
    detail: string,
    options: { retryable: boolean; cause?: unknown },
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryable = options.retryable
  }
}
