/** So many are remembered. */
const MOST = 200

/** One that no service has sent. */
const ABSENT = '01990000-0000-7000-8000-000000000000'

/** Ids of what was sent of late, to ask for by a number. */
export class RecentIds {
  readonly #ids: string[] = []
  #added = 0

  add(id: string): void {
    this.#ids[this.#added++ % MOST] = id
  }

  /** The same number may give another one later. */
  at(number: number): string {
    return this.#ids[number % Math.max(1, this.#ids.length)] ?? ABSENT
  }
}
