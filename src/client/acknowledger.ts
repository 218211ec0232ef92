import type { Environment } from './environment.js'

/** How long an acknowledgement may wait for others to go with it. */
const WAIT_MS = 250

/**
 * Tells the service what the application has handled. An acknowledgement is cumulative, so a run of entries costs one: it goes when
 * nothing more waits for a handler, when a quarter of the window is handled, and after 250 ms at the latest.
 */
export class Acknowledger {
  readonly #environment: Environment
  /** What the application has handled, in this life of the log. */
  #handled = 0
  #connection:
    { send: (seq: number) => void; step: number; heard: number; acknowledged: number } | undefined
  #cancel: (() => void) | undefined
  #sinceLast = 0

  constructor(environment: Environment) {
    this.#environment = environment
  }

  /** Another life of the log begins at `cursor`, for the connection that is open too. */
  begin(cursor: number): void {
    this.#handled = cursor
    if (this.#connection) Object.assign(this.#connection, { heard: cursor, acknowledged: cursor })
  }

  /** A connection starts after `start`; it is told by `send`. */
  opened(start: number, maxUnacked: number, send: (seq: number) => void): void {
    this.closed()
    const step = Math.max(1, Math.floor(maxUnacked / 4))
    this.#connection = { send, step, heard: start, acknowledged: start }
  }

  closed(): void {
    this.#connection = undefined
    this.#sinceLast = 0
    this.#cancel?.()
    this.#cancel = undefined
  }

  /**
   * This connection has told of the log up to here. What an earlier one had told may be handled before this one has said
   * it again, and can't be acknowledged on it before (`ack_ahead`).
   */
  heard(seq: number): void {
    if (!this.#connection) return
    this.#connection.heard = Math.max(this.#connection.heard, seq)
    if (seq <= this.#handled) this.#due()
  }

  /** The application has handled the log up to here; `idle` where nothing more waits. */
  handled(seq: number, idle: boolean): void {
    this.#handled = Math.max(this.#handled, seq)
    this.#sinceLast++
    if (idle || this.#sinceLast >= (this.#connection?.step ?? Infinity)) this.flush()
    else this.#due()
  }

  /** Sends what can be acknowledged now. */
  flush(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#sinceLast = 0
    if (!this.#connection) return
    const seq = Math.min(this.#handled, this.#connection.heard)
    if (seq <= this.#connection.acknowledged) return
    this.#connection.acknowledged = seq
    this.#connection.send(seq)
  }

  #due(): void {
    if (!this.#connection) return
    this.#cancel ??= this.#environment.after(WAIT_MS, () => this.flush())
  }
}
