import { inTime } from './in-time.js'
import { gauge, histogram, type Instruments } from './instruments.js'

/** What a store tells of itself; every part of it may fail while the disk does. */
export interface ObservedStore {
  /** Requests that wait for each of its threads. */
  readonly waiting: { writer: number; reader: number }
  /** Resolves when it can both write and read. */
  check: () => Promise<void>
  figures: () => Promise<{
    users: number
    fanOuts: readonly { work: 'deliver' | 'recall'; begun: boolean; jobs: number }[]
    /** Milliseconds since 1970. */
    nextDueAt: number | undefined
  }>
  /** In bytes, as far as it can tell: of a server's disk it knows the database alone. */
  sizes: () => Promise<{ database: number; writeAheadLog?: number; free?: number }>
}

const COMMIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const WRITE_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]

/** What the store does and holds. */
export class StoreMetrics {
  readonly #commitWrites
  readonly #commitSeconds
  readonly #ready
  readonly #waiting
  readonly #jobs
  readonly #users
  readonly #scheduleLag
  readonly #files
  readonly #free

  constructor(registry: Instruments) {
    this.#commitWrites = histogram(registry, {
      name: 'store_commit_writes',
      help: 'Writes that shared a commit.',
      buckets: WRITE_BUCKETS,
    })
    this.#commitSeconds = histogram(registry, {
      name: 'store_commit_seconds',
      help: 'From the beginning of a transaction until it was on disk.',
      buckets: COMMIT_BUCKETS,
    })
    this.#ready = gauge(registry, {
      name: 'store_ready',
      help: '1 while the store can both write and read, else 0.',
    })
    this.#waiting = gauge(registry, {
      name: 'store_requests_waiting',
      help: 'Requests that have no answer of the store yet, by its thread.',
      labels: ['thread'],
    })
    this.#jobs = gauge(registry, {
      name: 'fan_out_jobs',
      help: 'Jobs that write to many, by what they do and whether they have begun.',
      labels: ['work', 'state'],
    })
    this.#users = gauge(registry, { name: 'users', help: 'Users who are known.' })
    this.#scheduleLag = gauge(registry, {
      name: 'schedule_lag_seconds',
      help: 'For how long the next scheduled notification has been due; 0 where none is.',
    })
    this.#files = gauge(registry, {
      name: 'store_file_bytes',
      help: 'Size of the database and of the write-ahead log beside it.',
      labels: ['file'],
    })
    this.#free = gauge(registry, {
      name: 'store_disk_free_bytes',
      help: 'What is free on the disk of the database.',
    })
  }

  /** A transaction of the writer was committed. */
  committed({ writes, seconds }: { writes: number; seconds: number }): void {
    this.#commitWrites.observe(writes)
    this.#commitSeconds.observe(seconds)
  }

  /** Shows a store as it is now; what it does not tell within so many milliseconds is left out. */
  async show(
    store: ObservedStore,
    { now, withinMs }: { now: number; withinMs: number },
  ): Promise<void> {
    const { writer, reader } = store.waiting
    this.#waiting.set({ thread: 'writer' }, writer)
    this.#waiting.set({ thread: 'reader' }, reader)
    const [ready, figures, sizes] = await Promise.all([
      inTime(
        store.check().then(() => 1),
        withinMs,
      ),
      inTime(store.figures(), withinMs),
      inTime(store.sizes(), withinMs),
    ])
    this.#ready.set(ready ?? 0)
    this.#showFigures(figures, now)
    this.#showSizes(sizes)
  }

  #showFigures(
    figures: Awaited<ReturnType<ObservedStore['figures']>> | undefined,
    now: number,
  ): void {
    this.#users.remove()
    this.#scheduleLag.remove()
    this.#jobs.reset()
    if (!figures) return
    const { users, fanOuts, nextDueAt = now } = figures
    this.#users.set(users)
    this.#scheduleLag.set(Math.max(0, now - nextDueAt) / 1_000)
    for (const work of ['deliver', 'recall']) {
      for (const state of ['waiting', 'running']) this.#jobs.set({ work, state }, 0)
    }
    for (const { work, begun, jobs } of fanOuts) {
      this.#jobs.set({ work, state: begun ? 'running' : 'waiting' }, jobs)
    }
  }

  #showSizes(sizes: Awaited<ReturnType<ObservedStore['sizes']>> | undefined): void {
    this.#files.reset()
    this.#free.remove()
    if (!sizes) return
    this.#files.set({ file: 'database' }, sizes.database)
    const { writeAheadLog, free } = sizes
    if (writeAheadLog !== undefined) this.#files.set({ file: 'wal' }, writeAheadLog)
    if (free !== undefined) this.#free.set(free)
  }
}
