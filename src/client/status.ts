/** Why an inbox is closed for good. */
export interface ClosedWhy {
  /** `application`: `close()` was called. `service`: it closed with a code after which nobody comes back. */
  by: 'application' | 'service'
  /** The WebSocket close code. */
  code: number
  /** The error code that the service gave, such as `device_removed`. */
  reason: string
}

/** How the connection stands. Each state has its own fields only. */
export type Status =
  | { state: 'connecting'; attempt: number }
  /** `replaying` what was missed, then `live`. */
  | { state: 'open'; phase: 'replaying' | 'live'; user: string; device: string }
  /** `retryAt` in milliseconds since 1970; `attempt` counts those that have failed in a row. */
  | { state: 'waiting'; retryAt: number; attempt: number }
  | { state: 'closed'; why: ClosedWhy }
