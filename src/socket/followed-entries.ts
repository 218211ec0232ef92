import { idInFrame } from '../protocol/down/notification.js'
import type { SentTrace, Tracing } from '../telemetry/tracing.js'

/**
 * Those of the entries that one connection was sent whose notifications are followed, until the device acknowledges them or the
 * connection is over. They are in the window, so that they are no more than it holds.
 */
export class FollowedEntries {
  readonly #tracing: Pick<Tracing, 'sent'>
  readonly #connection: string
  #waiting: { seq: number; trace: SentTrace }[] = []

  constructor(tracing: Pick<Tracing, 'sent'>, connection: string) {
    this.#tracing = tracing
    this.#connection = connection
  }

  /** The frame of an entry was sent. */
  sent(frame: string, { seq, replayed }: { seq: number; replayed: boolean }): void {
    const notification = idInFrame(frame)
    if (notification === undefined) return
    const connection = this.#connection
    const trace = this.#tracing.sent({ notification, connection, seq, replayed })
    if (trace) this.#waiting.push({ seq, trace })
  }

  /** The device has all up to here. */
  acknowledge(upTo: number): void {
    // They were sent in their order.
    const first = this.#waiting.findIndex(({ seq }) => seq > upTo)
    const covered = this.#waiting.splice(0, first === -1 ? this.#waiting.length : first)
    for (const { trace } of covered) trace.acknowledged()
  }

  /** The connection is over. */
  stop(): void {
    for (const { trace } of this.#waiting.splice(0)) trace.lost()
  }
}
