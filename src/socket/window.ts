/**
 * The entries that a connection was sent and has not acknowledged. There are at most `size` of them; their sequence
 * numbers grow but have gaps, so they are kept one by one.
 */
export class Window {
  readonly #size: number
  readonly #seqs: number[] = []
  /** When each was accepted, in milliseconds since 1970; NaN where nobody told. */
  readonly #acceptedAt: number[] = []
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

  /** `now` by the stopwatch. */
  add(seq: number, now: number, acceptedAt = Number.NaN): void {
    this.#seqs.push(seq)
    this.#acceptedAt.push(acceptedAt)
    if (this.room === 0) this.#fullSince = now
  }

  /** Takes out everything up to `seq`; gives how many entries that were. Tells `each` when they were accepted, where that is known. */
  acknowledge(seq: number, each: (acceptedAt: number) => void = () => undefined): number {
    const first = this.#first
    for (; (this.#seqs[this.#first] ?? Infinity) <= seq; this.#first++) {
      const acceptedAt = this.#acceptedAt[this.#first]
      if (acceptedAt !== undefined && !Number.isNaN(acceptedAt)) each(acceptedAt)
    }
    const taken = this.#first - first
    if (this.#first * 2 >= this.#seqs.length) {
      this.#seqs.splice(0, this.#first)
      this.#acceptedAt.splice(0, this.#first)
      this.#first = 0
    }
    if (this.room > 0) this.#fullSince = undefined
    return taken
  }
}
