/** Counts what happened within the last so many milliseconds, up to a number that is one too many. */
export class EventWindow {
  readonly #max: number
  readonly #milliseconds: number
  #times: number[] = []

  constructor({ max, milliseconds }: { max: number; milliseconds: number }) {
    this.#max = max
    this.#milliseconds = milliseconds
  }

  /** Counts one, at a time by the stopwatch; true where it brings the number within the window over the most. */
  count(now: number): boolean {
    const recent = this.#times.filter((time) => now - time < this.#milliseconds)
    const isOver = recent.length >= this.#max
    // What is over is not kept: the memory stays bounded however fast they come.
    this.#times = isOver ? recent : [...recent, now]
    return isOver
  }
}
