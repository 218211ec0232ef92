import type { Done, ThreadData } from './messages.js'
import type { Report } from './report.js'
import { StoreThread } from './store-thread.js'

/** How long it waits before it starts a thread again: at first, doubled each time, and at most (10 seconds). */
const FIRST_DELAY_MS = 100
const MAX_DELAY_MS = 10_000

/** A thread that has lived so long (1 minute) has shown that it can. */
const SETTLED_MS = 60_000

export interface ThreadKeeperOptions {
  data: ThreadData
  take: (done: Done) => void
  /** A thread takes requests from now on. */
  up: () => void
  /** It has ended, with what it was asked; or it could not be started again. */
  down: (error: Error) => void
  report: Report
}

/**
 * Keeps a store thread running.
 *
 *     open ──► running ── ends by itself ──► waiting ──► starting ──► running
 *                 │                             ▲            │
 *               close                           └── fails ───┘  each time twice as long, up to 10 s
 */
export class ThreadKeeper {
  readonly #options: ThreadKeeperOptions
  #data: ThreadData
  #thread: StoreThread | undefined
  #startedAt = 0
  #delayMs = FIRST_DELAY_MS
  #waiting: NodeJS.Timeout | undefined
  #starting: Promise<void> | undefined
  #closing = false

  constructor(options: ThreadKeeperOptions) {
    this.#options = options
    this.#data = options.data
  }

  /** The one that runs now. */
  get thread(): StoreThread | undefined {
    return this.#thread
  }

  /**
   * Starts the first one.
   * @throws StartError where it can't open the database
   */
  async open(): Promise<void> {
    const thread = await StoreThread.start(this.#data, this.#options.take)
    // One that is started again goes on with the logs as they are.
    this.#data = { ...this.#data, newEpoch: false }
    this.#thread = thread
    this.#startedAt = performance.now()
    void thread.ended.then((error) => this.#lose(error))
    this.#options.up()
  }

  /** Starts none again; resolves when the one that runs, and was told to close, has ended. */
  async close(): Promise<void> {
    this.#closing = true
    clearTimeout(this.#waiting)
    await this.#starting
    this.#thread?.post({ kind: 'close' })
    await this.#thread?.ended
  }

  #lose(reason: Error | undefined): void {
    this.#thread = undefined
    const error = new Error('the store thread has ended', { cause: reason })
    this.#options.down(error)
    if (this.#closing) return
    if (performance.now() - this.#startedAt >= SETTLED_MS) this.#delayMs = FIRST_DELAY_MS
    this.#startLater('ended', reason ?? error)
  }

  #startLater(kind: 'ended' | 'not_started', error: Error): void {
    const { data, report } = this.#options
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)
    report({ kind, role: data.role, error, delayMs })
    this.#waiting = setTimeout(() => {
      this.#starting = this.#startAgain()
    }, delayMs)
  }

  async #startAgain(): Promise<void> {
    const { data, down, report } = this.#options
    try {
      await this.open()
      report({ kind: 'started', role: data.role })
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      down(error)
      if (!this.#closing) this.#startLater('not_started', error)
    }
  }
}
