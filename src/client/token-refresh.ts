import type { Environment } from './environment.js'

/** How long before its end a token is renewed: before the service warns, which is a minute before. */
const LEAD_MS = 75_000
/** Of a token that lives but shortly: this part of what is left. */
const LEAD_SHARE = 0.25
/** Least time between two asks, also for who gives the same token again. */
const MIN_WAIT_MS = 5_000
/** Timers hold 31 bits of milliseconds; a long wait is cut in days. */
const MAX_WAIT_MS = 86_400_000

/**
 * When to send a fresh token on an open connection. Ends are told by the service's clock, which may not be ours: how far it
 * is off is known since the welcome.
 */
export class TokenRefresh {
  readonly #environment: Environment
  readonly #refresh: () => Promise<string>
  /** The service's clock less ours. */
  #offsetMs = 0
  #cancel: (() => void) | undefined
  /** When the token was asked for last, by our clock. */
  #askedAt = -Infinity
  #running = false
  #generation = 0

  /** `refresh` asks for a token, sends it, and resolves with the end that the service gives. */
  constructor(environment: Environment, refresh: () => Promise<string>) {
    this.#environment = environment
    this.#refresh = refresh
  }

  opened(tokenExpiresAt: string, serverTime: string): void {
    this.closed()
    this.#offsetMs = Date.parse(serverTime) - this.#environment.now()
    this.#arm(tokenExpiresAt)
  }

  closed(): void {
    this.#generation++
    this.#running = false
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** The service says that the end is near. */
  expiring(): void {
    if (!this.#running) this.#ask()
  }

  #arm(tokenExpiresAt: string): void {
    const left = Date.parse(tokenExpiresAt) - this.#environment.now() - this.#offsetMs
    const wait = left - Math.min(LEAD_MS, left * LEAD_SHARE)
    this.#cancel?.()
    this.#cancel = this.#environment.after(Math.min(Math.max(0, wait), MAX_WAIT_MS), () => {
      if (wait > MAX_WAIT_MS) this.#arm(tokenExpiresAt)
      else this.#ask()
    })
  }

  #ask(): void {
    this.#cancel?.()
    const since = this.#environment.now() - this.#askedAt
    if (since >= 0 && since < MIN_WAIT_MS) {
      this.#cancel = this.#environment.after(MIN_WAIT_MS - since, () => this.#ask())
      return
    }
    this.#cancel = undefined
    this.#askedAt = this.#environment.now()
    this.#running = true
    const generation = this.#generation
    this.#refresh()
      .then((tokenExpiresAt) => {
        if (generation !== this.#generation) return
        this.#running = false
        this.#arm(tokenExpiresAt)
      })
      // It is reported where it failed; the old token serves on until its end.
      .catch(() => {
        if (generation !== this.#generation) return
        this.#running = false
        this.#cancel = this.#environment.after(MIN_WAIT_MS, () => this.#ask())
      })
  }
}
