import { SYSTEM, type Environment } from '../../src/server-client/environment.js'

/** Time that passes by the client's own waits, and by `elapse` alone. */
export class FakeTime {
  /** The waits between tries, in milliseconds. */
  readonly waits: number[] = []
  readonly environment: Environment
  /** Asked at each wait: here a test aborts in the middle of one. */
  onWait: () => void = () => {}
  #now = 0
  #keys = 0
  readonly #timers = new Set<{ at: number; callback: () => void }>()

  constructor(own: Partial<Environment> = {}) {
    this.environment = {
      ...SYSTEM,
      clock: () => Date.parse('2026-11-22T10:00:00.000Z') + this.#now,
      monotonic: () => this.#now,
      timer: (milliseconds, callback) => {
        const timer = { at: this.#now + milliseconds, callback }
        this.#timers.add(timer)
        return () => void this.#timers.delete(timer)
      },
      sleep: async (milliseconds, signal) => {
        this.waits.push(milliseconds)
        this.onWait()
        signal?.throwIfAborted()
        await this.elapse(milliseconds)
      },
      random: () => 0.5,
      newKey: () => `key-${++this.#keys}`,
      ...own,
    }
  }

  /** How many timers were neither called off nor are over. */
  get timers(): number {
    return this.#timers.size
  }

  elapse(milliseconds: number): Promise<void> {
    this.#now += milliseconds
    for (const timer of this.#timers) {
      if (timer.at > this.#now) continue
      this.#timers.delete(timer)
      timer.callback()
    }
    return Promise.resolve()
  }
}
