import { PosthornError } from '../../protocol/errors.js'
import { inTime } from '../in-time.js'
import type { ThreadData } from './messages.js'
import type { Report } from './report.js'
import { StartError } from './store-thread.js'
import { TROUBLES, type Trouble } from './trouble.js'

/** An answer so young (1 second) shows that the thread answers. */
const FRESH_MS = 1_000

/** How long a look waits for the thread: 2 seconds. */
const LOOK_MS = 2_000

/** Said where the answer takes longer. */
const SILENT = 'the store does not answer: the disk is slow, or another process holds the database'

/** How often it looks whether a trouble is over: every second. */
const PROBE_MS = 1_000

export interface ConditionOptions {
  role: ThreadData['role']
  /** Asks the thread to show that it works: the writer by a page that it writes. */
  probe: (probe: { needsRoom: boolean }) => Promise<unknown>
  report: Report
}

/**
 * How a store thread fares, as far as its last answers show.
 *
 *     well ── a request fails for want of disk, lock, right ──► in trouble ── a probe succeeds ──► well
 *      └───── the thread ends ──► down ── started again ──► well
 *
 * While it is in trouble it looks by itself. A database that is damaged stays so until the service starts again.
 */
export class Condition {
  readonly #options: ConditionOptions
  #trouble: Trouble | undefined
  /** Why no thread runs. */
  #down: string | undefined
  #answeredAt = -Infinity
  #probing: Promise<unknown> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ConditionOptions) {
    this.#options = options
  }

  /** Requests were done, by the stopwatch. */
  answered(at: number): void {
    this.#answeredAt = at
  }

  /** A request failed for a reason that is none of its own making. */
  failed(trouble: Trouble, error: Error): void {
    if (this.#trouble === trouble || this.#trouble === 'damaged') return
    const { role, report } = this.#options
    this.#trouble = trouble
    report({ kind: 'trouble', role, says: TROUBLES[trouble].says, error })
    this.#rest()
    // What was still under way at the close may fail after it.
    if (trouble === 'damaged' || this.#closed) return
    this.#timer = setInterval(() => void this.#look(), PROBE_MS)
  }

  /** No thread runs, and another is started. */
  down(error: Error): void {
    const trouble = error instanceof StartError ? error.failure.trouble : undefined
    this.#down =
      trouble === undefined
        ? 'the store thread has ended and is started again'
        : `the store thread cannot be started again: ${TROUBLES[trouble].says}`
  }

  up(): void {
    this.#down = undefined
  }

  /** @throws PosthornError `store_unavailable` that says what keeps the thread from its work */
  async check(): Promise<void> {
    this.#requireWell()
    if (performance.now() - this.#answeredAt < FRESH_MS) return
    try {
      await inTime(this.#probe(), { withinMs: LOOK_MS, late: () => unready(SILENT) })
    } catch (error) {
      this.#requireWell()
      throw error
    }
  }

  /** Looks no more; idempotent. */
  close(): void {
    this.#closed = true
    this.#rest()
  }

  #rest(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #requireWell(): void {
    if (this.#down !== undefined) throw unready(this.#down)
    if (this.#trouble) throw unready(TROUBLES[this.#trouble].says)
  }

  async #look(): Promise<void> {
    const { role, report } = this.#options
    const trouble = this.#trouble
    try {
      await this.#probe()
    } catch {
      // It lasts, or is another one by now.
      return
    }
    if (this.#timer === undefined || this.#trouble !== trouble) return
    this.#rest()
    this.#trouble = undefined
    report({ kind: 'well', role })
  }

  /** One at a time: who asks meanwhile waits for the same. */
  #probe(): Promise<unknown> {
    const needsRoom = this.#trouble === 'full'
    return (this.#probing ??= this.#options
      .probe({ needsRoom })
      .finally(() => (this.#probing = undefined)))
  }
}

function unready(says: string): PosthornError {
  return new PosthornError('store_unavailable', `${says[0]?.toUpperCase()}${says.slice(1)}.`)
}
