/** Why an inbox is closed for good. */
export interface ClosedWhy {
  /** `application`: `close()` was called. `service`: it closed with a code after which nobody comes back. */
  by: 'application' | 'service'
  /** The WebSocket close code. */
  code: number
  /** The error code that the service gave, such as `device_removed`. */
  reason: string
}

/** How an attempt or a connection has ended, after which another is made. */
export interface FailedWhy {
  /** The WebSocket close code: 4401 where the token was refused, 1006 where there was no close (RFC 6455 §7.1.5). */
  code: number
  /** The error code that the service gave, or for people what is known of a 1006. */
  reason: string
}

/** How the connection stands. Each state has its own fields only. */
export type Status =
  | { state: 'connecting'; attempt: number }
  /** `replaying` what was missed, then `live`. */
  | { state: 'open'; phase: 'replaying' | 'live'; user: string; device: string }
  /** `retryAt` in milliseconds since 1970; `attempt` counts those that have failed in a row; no `why` where `token` has failed. */
  | { state: 'waiting'; retryAt: number; attempt: number; why?: FailedWhy | undefined }
  | { state: 'closed'; why: ClosedWhy }
