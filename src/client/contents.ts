import type { Notification } from './frames.js'

/** More than a window and an inbox of the usual size hold. */
const KEPT = 2_000

/** Which contents this process has handed to the application; of the oldest it may forget that. */
export class Contents {
  /** The `arrivedSeq` of the content, by the notification's id. */
  readonly #known = new Map<string, number>()

  isNew({ id, arrivedSeq }: Notification): boolean {
    return this.#known.get(id) !== arrivedSeq
  }

  note({ id, arrivedSeq }: Notification): void {
    this.#known.delete(id)
    this.#known.set(id, arrivedSeq)
    const [oldest] = this.#known.keys()
    if (this.#known.size > KEPT && oldest !== undefined) this.#known.delete(oldest)
  }

  clear(): void {
    this.#known.clear()
  }
}
