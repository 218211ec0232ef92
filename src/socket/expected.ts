/** So many are kept of one connection: who has more on its way is told of by these. */
const MAX_EXPECTED = 64

/** When entries were accepted that are on their way to a connection by way of the store. */
export class Expected {
  readonly #entries: { seq: number; acceptedAt: number }[] = []

  /** In the order of `seq`; what comes out of it, or without a time, or is too much is let go. */
  add(seq: number, acceptedAt: number | undefined): void {
    const last = this.#entries.at(-1)?.seq ?? 0
    if (acceptedAt === undefined || seq <= last || this.#entries.length >= MAX_EXPECTED) return
    this.#entries.push({ seq, acceptedAt })
  }

  /** The time of an entry that goes out now; what stood before it has moved on, or is passed over. */
  take(seq: number): number | undefined {
    while ((this.#entries[0]?.seq ?? Infinity) < seq) this.#entries.shift()
    return this.#entries[0]?.seq === seq ? this.#entries.shift()?.acceptedAt : undefined
  }
}
