import type { Environment } from './environment.js'
import {
  isTransientStatus,
  PosthornNetworkError,
  PosthornTimeoutError,
  PosthornClientError,
} from './errors.js'
import type { Limits } from './options.js'

/** Bounds of the wait before the second try and of that before any other, in milliseconds. */
const FIRST_WAIT_MS = 200
const LONGEST_WAIT_MS = 5_000

/** One try of a call. */
export interface Attempt {
  /** 1 for the first. */
  number: number
  /** Milliseconds that it may take. */
  milliseconds: number
}

export interface RetryOptions {
  environment: Environment
  limits: Limits
  signal: AbortSignal | undefined
  /** Whether it may be done twice: what failed on the way may have been done. */
  repeatable: boolean
  /** Whether another token can be had after a 401. */
  renewable: boolean
}

/**
 * Tries until it goes well: again after network faults, timeouts, 429 and 5xx, where it may be done twice, and once after a
 * 401 where a fresh token can be had (a request that was refused so was not done). Waits with full jitter, after as long as
 * `Retry-After` asks for; a wait that would pass the deadline is not begun, and the last error is thrown.
 */
export async function retrying<Value>(
  { environment, limits, signal, repeatable, renewable }: RetryOptions,
  once: (attempt: Attempt) => Promise<Value>,
): Promise<Value> {
  const end = environment.monotonic() + limits.timeoutMs
  let refused = 0
  for (let number = 1; ; number++) {
    try {
      // A timer may have come late.
      const left = Math.max(1, end - environment.monotonic())
      return await once({ number, milliseconds: Math.min(left, limits.attemptTimeoutMs) })
    } catch (error) {
      if (!(error instanceof PosthornClientError)) throw error
      const left = end - environment.monotonic()
      if (renewable && refused === 0 && statusOf(error) === 401 && left > 0) {
        refused++
        continue
      }
      const tries = number - refused
      if (!repeatable || !isTransient(error) || tries >= limits.maxAttempts) throw error
      const pause = retryAfterOf(error) + jitter(environment, tries)
      if (pause >= left) throw error
      await environment.sleep(pause, signal)
    }
  }
}

/** Anywhere between nothing and a bound that doubles: so callers that failed together don't come back together. */
function jitter({ random }: Environment, tries: number): number {
  return random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1))
}

export function isTransient(error: PosthornClientError): boolean {
  return (
    error instanceof PosthornNetworkError ||
    error instanceof PosthornTimeoutError ||
    isTransientStatus(statusOf(error) ?? 0)
  )
}

function statusOf(error: PosthornClientError): number | undefined {
  return 'status' in error && typeof error.status === 'number' ? error.status : undefined
}

function retryAfterOf(error: PosthornClientError): number {
  return 'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : 0
}
