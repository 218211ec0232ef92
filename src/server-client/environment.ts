import { wait } from './waiting.js'

/** What is asked of `fetch`: the global one has more. */
export interface FetchRequest {
  method: string
  headers: Record<string, string>
  body?: string
  redirect: 'manual'
  signal: AbortSignal
}

/** What is read of its answer. */
export interface FetchAnswer {
  status: number
  headers: { get: (name: string) => string | null }
  text: () => Promise<string>
}

export type Fetch = (url: string, request: FetchRequest) => Promise<FetchAnswer>

export type Timer = (milliseconds: number, callback: () => void) => () => void

/** All that the client takes from where it runs. */
export interface Environment {
  fetch: Fetch
  /** Milliseconds since 1970: only to read a `Retry-After` that is a date. */
  clock: () => number
  /** Milliseconds that only grow, from any start: what waits and deadlines go by. */
  monotonic: () => number
  /** Calls back once after some milliseconds; what it returns calls that off. */
  timer: Timer
  /** Resolves after some milliseconds; fails with the signal's reason as soon as it is aborted. */
  sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>
  /** At least 0, below 1. */
  random: () => number
  /** A fresh idempotency key. */
  newKey: () => string
}

const timer: Timer = (milliseconds, callback) => {
  const timeout = setTimeout(callback, milliseconds)
  return () => clearTimeout(timeout)
}

/** Node, and every runtime that has `fetch` and `crypto`. */
export const SYSTEM: Environment = {
  // Looked up at each request: what instruments `fetch` puts another in its place.
  fetch: (url, request) => globalThis.fetch(url, request),
  clock: () => Date.now(),
  monotonic: () => performance.now(),
  timer,
  sleep: (milliseconds, signal) => wait(timer, milliseconds, signal),
  random: () => Math.random(),
  newKey: () => crypto.randomUUID(),
}
