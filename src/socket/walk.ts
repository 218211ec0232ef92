/**
 * Goes through a set in parts, again and again: to go through it at once would hold up all else, for 20 ms where it has ten thousand.
 * What is added meanwhile has its turn, what is removed has none.
 */
export class Walk<Item> {
  readonly #items: ReadonlySet<Item>
  #rest: SetIterator<Item>

  constructor(items: ReadonlySet<Item>) {
    this.#items = items
    this.#rest = items.values()
  }

  /** The next ones: of about so many calls each item has its turn in one. */
  *part(parts: number): Generator<Item, void> {
    for (let left = Math.ceil(this.#items.size / parts); left > 0; left--) {
      const next = this.#rest.next()
      if (next.done === true) {
        this.#rest = this.#items.values()
        return
      }
      yield next.value
    }
  }
}
