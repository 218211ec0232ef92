import type { Store } from '../inbox/store.js'
import { MAX_WAITING_ACKS } from './limits.js'

export interface AcknowledgerOptions {
  store: Pick<Store, 'acknowledge'>
  /** Whose acknowledgements these are. */
  device: { user: string; device: string; epoch: string }
  clock: () => number
  /** Called with the cursor on disk, for each acknowledgement that had an id. */
  reply: (id: string, cursor: number) => void
  fail: (error: unknown) => void
}

/**
 * Writes a connection's acknowledgements. They are cumulative, so while one is being written only the highest of those
 * that come is kept: a client may acknowledge each entry and costs one write a commit.
 */
export class Acknowledger {
  readonly #options: AcknowledgerOptions
  #wanted = 0
  #written = 0
  #writing = false
  #replies: { id: string; seq: number }[] = []

  constructor(options: AcknowledgerOptions) {
    this.#options = options
  }

  /** Takes an acknowledgement; false, and nothing done, where too many wait for their reply. */
  acknowledge(seq: number, id: string | undefined): boolean {
    if (id !== undefined) {
      if (this.#replies.length >= MAX_WAITING_ACKS) return false
      this.#replies.push({ id, seq })
    }
    this.#wanted = Math.max(this.#wanted, seq)
    if (!this.#writing) this.#write()
    return true
  }

  #write(): void {
    const { store, device, clock, fail } = this.#options
    const seq = this.#wanted
    if (seq === this.#written && this.#replies.length === 0) return
    this.#writing = true
    store
      .acknowledge({ ...device, seq, at: clock() })
      .then((outcome) => {
        this.#writing = false
        this.#written = seq
        // A user who was erased, or a device that was removed, has no cursor any more.
        this.#answer(outcome.kind === 'acknowledged' ? outcome.cursor : 0)
        this.#write()
      })
      .catch((error: unknown) => fail(error))
  }

  #answer(cursor: number): void {
    const due = this.#replies.filter(({ seq }) => seq <= this.#written)
    this.#replies = this.#replies.filter(({ seq }) => seq > this.#written)
    for (const { id } of due) this.#options.reply(id, cursor)
  }
}
