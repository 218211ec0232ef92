import type { LitElement, ReactiveController } from 'lit'
import type { Status } from '../client/status.js'

/** How often the times of the list are told anew. */
export const TIMES_MS = 30_000

/** Until what an open panel shows is no longer true: the seconds to the next attempt, or the times of its list. */
export function untilOld(status: Status | undefined, now: number): number {
  const left = status?.state === 'waiting' ? status.retryAt - now : 0
  return left > 0 ? left % 1_000 || 1_000 : TIMES_MS
}

/** Draws the element again as often as what it shows grows old, and never while it shows nothing that does. */
export class Clock implements ReactiveController {
  readonly #host: LitElement
  /** In how many milliseconds what is shown is no longer true; undefined where it stays. */
  readonly #wait: () => number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: LitElement, wait: () => number | undefined) {
    this.#host = host
    this.#wait = wait
  }

  hostUpdated(): void {
    clearTimeout(this.#timer)
    // What is drawn outside of the document grows old unseen.
    const wait = this.#host.isConnected ? this.#wait() : undefined
    if (wait !== undefined) this.#timer = setTimeout(() => this.#host.requestUpdate(), wait)
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
  }
}
