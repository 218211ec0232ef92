import { nextTask } from './next-task.js'

interface Timer {
  at: number
  call: () => void
}

/** Time that only the test moves. */
export class FakeTime {
  now = Date.parse('2026-11-22T10:00:00.000Z')
  /** What timers go by: it stands still while the machine sleeps. */
  #awake = 0
  readonly #timers = new Set<Timer>()

  after(milliseconds: number, call: () => void): () => void {
    const timer = { at: this.#awake + milliseconds, call }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    // Promises are done before the event loop's next turn; several, for what waits for turns itself.
    for (let turn = 0; turn < 3; turn++) await nextTask()
  }

  /** Lets so much time pass, with everything that happens in it. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#awake + milliseconds
    await this.settle()
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#moveTo(next.at)
      this.#timers.delete(next)
      next.call()
      await this.settle()
    }
    this.#moveTo(end)
  }

  /** The machine sleeps: the clock on the wall goes on, timers stand still. */
  sleep(milliseconds: number): void {
    this.now += milliseconds
  }

  #next(end: number): Timer | undefined {
    const due = [...this.#timers].filter(({ at }) => at <= end)
    return due.toSorted((a, b) => a.at - b.at)[0]
  }

  #moveTo(at: number): void {
    this.now += Math.max(0, at - this.#awake)
    this.#awake = Math.max(at, this.#awake)
  }
}
