import { Chore } from '../inbox/chore.js'

export interface PollerOptions {
  everyMs: number
  /** Tells whether there may be more to do at once. */
  step: () => Promise<boolean>
  /** Told of what failed, once while it lasts. */
  report: (error: unknown) => void
}

/** Looks on a timer whether there is something to do, and at once when it is told so. Owns the timer. */
export class Poller {
  readonly #chore: Chore
  readonly #everyMs: number
  #timer: NodeJS.Timeout | undefined

  constructor({ everyMs, step, report }: PollerOptions) {
    this.#chore = new Chore(step, report)
    this.#everyMs = everyMs
  }

  /** Begins, now and then on the timer; called once. */
  start(): void {
    this.#timer = setInterval(() => this.#chore.start(), this.#everyMs)
    this.#chore.start()
  }

  /** Something may have come. */
  hurry(): void {
    if (this.#timer) this.#chore.hurry()
  }

  /** Ends the step that is under way, and takes no other; idempotent. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#chore.stop()
  }
}
