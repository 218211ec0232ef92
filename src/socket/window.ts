/**
 * The entries that a connection was sent and has not acknowledged. There are at most `size` of them; their sequence
 * numbers grow but have gaps, so they are kept one by one.
 */
export class Window {
  readonly #size: number
  readonly #seqs: number[] = []
  /** Where what still waits begins in `#seqs`: to take each from the front would copy the rest each time. */
  #first = 0
  /** When the window became full, by the stopwatch; undefined while there is room. */
  #fullSince: number | undefined

  constructor(size: number) {
    this.#size = size
  }

  get room(): number {
    return this.#size - (this.#seqs.length - this.#first)
  }

  get fullSince(): number | undefined {
    return this.#fullSince
  }

  add(seq: number, now: number): void {
    this.#seqs.push(seq)
    if (this.room === 0) this.#fullSince = now
  }

  /** Takes out everything up to `seq`; gives how many entries that were. */
  acknowledge(seq: number): number {
    const first = this.#first
    while ((this.#seqs[this.#first] ?? Infinity) <= seq) this.#first++
    const taken = this.#first - first
    if (this.#first * 2 >= this.#seqs.length) {
      this.#seqs.splice(0, this.#first)
      this.#first = 0
    }
    if (this.room > 0) this.#fullSince = undefined
    return taken
  }
}
