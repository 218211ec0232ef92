import type { Store } from '../inbox/store.js'
import { isStoreTrouble, PosthornError } from '../protocol/errors.js'
import { MAX_WAITING_ACKS } from './limits.js'

export interface AcknowledgerOptions {
  store: Pick<Store, 'acknowledge'>
  /** Whose acknowledgements these are. */
  device: { user: string; device: string; epoch: string }
  clock: () => number
  /** Called with the cursor on disk, for each acknowledgement that had an id. */
  reply: (id: string, cursor: number) => void
  /** Called where it can't be written, and not for want of a store that will be back. */
  fail: (error: unknown) => void
}

/**
 * Writes a connection's acknowledgements. They are cumulative, so while one is being written only the highest of those
 * that come is kept: a client may acknowledge each entry and costs one write a commit. One that the store can't take now waits
 * for the next tick; until then the entries that it covers would be sent again, which loses nothing.
 */
export class Acknowledger {
  readonly #options: AcknowledgerOptions
  #wanted = 0
  /** What is being written, or was last. */
  #asked = 0
  #written = 0
  #writing = false
  /** The store could not take it: the next tick tries again. */
  #refused = false
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
    if (!this.#writing && !this.#refused) this.#write()
    return true
  }

  /** Tries again what the store could not take. */
  tick(): void {
    if (!this.#refused) return
    this.#refused = false
    this.#write()
  }

  /** The connection ends: what was kept back until another was written must not wait for that, or the next one would be sent it again. */
  finish(): void {
    if (!this.#writing || this.#wanted <= this.#asked) return
    const { store, device, clock } = this.#options
    // Should it fail, it is asked again when the other has its answer.
    store.acknowledge({ ...device, seq: this.#wanted, at: clock() }).catch(() => undefined)
  }

  #write(): void {
    const { store, device, clock, fail } = this.#options
    const seq = this.#wanted
    if (seq === this.#written && this.#replies.length === 0) return
    this.#writing = true
    this.#asked = seq
    store
      .acknowledge({ ...device, seq, at: clock() })
      .then((outcome) => {
        this.#writing = false
        this.#written = seq
        // A user who was erased, or a device that was removed, has no cursor any more.
        this.#answer(outcome.kind === 'acknowledged' ? outcome.cursor : 0)
        this.#write()
      })
      .catch((error: unknown) => {
        this.#writing = false
        if (error instanceof PosthornError && isStoreTrouble(error.code)) this.#refused = true
        else fail(error)
      })
  }

  #answer(cursor: number): void {
    const due = this.#replies.filter(({ seq }) => seq <= this.#written)
    this.#replies = this.#replies.filter(({ seq }) => seq > this.#written)
    for (const { id } of due) this.#options.reply(id, cursor)
  }
}
