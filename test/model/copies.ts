import type { Down } from '../../src/protocol/down/index.js'
import type { ModelLog } from './log.js'

/** What a device keeps that does what the contract tells clients to do, on whichever of its connections it hears it. */
export class ModelCopies {
  readonly #log: ModelLog
  readonly #copies = new Map<string, { seq: number; collapseKey: string | null }>()
  /** It passed over some of the log unread, as it asked to, and may have missed what was to be dropped. */
  hasSkipped = false

  constructor(log: ModelLog) {
    this.#log = log
  }

  hear(message: Down): void {
    switch (message.type) {
      case 'notification': {
        const { seq, notification } = message.payload
        const { id, collapseKey } = notification
        if (collapseKey !== null) this.#drop(collapseKey, seq)
        if ((this.#copies.get(id)?.seq ?? 0) < seq) this.#copies.set(id, { seq, collapseKey })
        return
      }
      case 'removed': {
        const { seq, id, collapseKey } = message.payload
        this.#copies.delete(id)
        if (collapseKey !== undefined) this.#drop(collapseKey, seq)
        return
      }
      case 'gap':
        // It lists the inbox, as that is by now.
        this.#copies.clear()
        for (const { id, seq, collapseKey } of this.#log.living) {
          this.#copies.set(id, { seq, collapseKey })
        }
        this.hasSkipped = false
        return
      default:
    }
  }

  /** What it keeps that was taken back, has expired or was replaced. Of what retention took nobody tells who had it. */
  get ghosts(): string[] {
    if (this.hasSkipped) return []
    return [...this.#copies.keys()].filter((id) => {
      const { outcome } = this.#log.entry(id) ?? {}
      return outcome !== undefined && outcome !== 'removed'
    })
  }

  /** Whether it has all that is in the inbox, where it never skipped any. */
  lacks(after: number): string[] {
    return this.#log.living
      .filter(({ id, arrivedSeq }) => arrivedSeq > after && !this.#copies.has(id))
      .map(({ id }) => id)
  }

  #drop(collapseKey: string, before: number): void {
    for (const [id, copy] of this.#copies) {
      if (copy.collapseKey === collapseKey && copy.seq < before) this.#copies.delete(id)
    }
  }
}
