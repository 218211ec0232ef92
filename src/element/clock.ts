import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Draws the element again as often as what it shows grows old, and never while it shows nothing that does. */
export class Clock implements ReactiveController {
  readonly #host: ReactiveControllerHost
  /** In how many milliseconds what is shown is no longer true; undefined where it stays. */
  readonly #wait: () => number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost, wait: () => number | undefined) {
    this.#host = host
    this.#wait = wait
  }

  hostUpdated(): void {
    clearTimeout(this.#timer)
    const wait = this.#wait()
    if (wait !== undefined) this.#timer = setTimeout(() => this.#host.requestUpdate(), wait)
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
  }
}
