/**
 * The entries that a connection was sent and has not acknowledged. There are at most `size` of them; their sequence
 * numbers grow but have gaps, so they are kept one by one.
 */
export class Window {
  readonly #size: number
  #seqs: number[] = []
  /** When the window became full, in milliseconds since 1970; undefined while there is room. */
  #fullSince: number | undefined

  constructor(size: number) {
    this.#size = size
  }

  get room(): number {
    return this.#size - this.#seqs.length
  }

  get fullSince(): number | undefined {
    return this.#fullSince
  }

  add(seq: number, now: number): void {
    this.#seqs.push(seq)
    if (this.room === 0) this.#fullSince = now
  }

  /** Takes out everything up to `seq`. */
  acknowledge(seq: number): void {
    const kept = this.#seqs.findIndex((sent) => sent > seq)
    if (kept === 0) return
    this.#seqs = kept === -1 ? [] : this.#seqs.slice(kept)
    if (this.room > 0) this.#fullSince = undefined
  }
}
