import { randomBytes } from 'node:crypto'
import type { Stopwatch } from '../inbox/clock.js'
import type { LocalConnections } from '../inbox/live.js'
import type { PresenceStore, PresentConnection } from '../inbox/stores/cluster.js'
import { Poller } from './poller.js'
import type { PresenceChanges } from './presence-changes.js'

export interface PresenceTimes {
  /** How often what has changed is told, in milliseconds. */
  tellMs: number
  /** How long a lease lasts, in milliseconds: so long others are told of connections of a node that has died. */
  leaseMs: number
  /** How often it is renewed, in milliseconds. */
  renewMs: number
  /** How often it is told at most when a connection was last heard, in milliseconds. */
  heardMs: number
  /** How often what dead nodes have left is taken away, in milliseconds. */
  sweepMs: number
}

export const PRESENCE_TIMES: PresenceTimes = {
  tellMs: 300,
  leaseMs: 15_000,
  renewMs: 5_000,
  heardMs: 60_000,
  sweepMs: 5_000,
}

/** Connections that one write tells of. */
const BATCH = 2_000

/** Connections of which one write tells when they were heard: very many are not told all at once. */
const HEARD_BATCH = 500

/** Connections of the dead that one write takes away. */
const SWEPT = 2_000

export interface PresenceKeeperOptions {
  store: PresenceStore
  local: Pick<LocalConnections, 'find' | 'names'>
  changes: PresenceChanges
  stopwatch: Stopwatch
  report: (error: unknown) => void
  times: PresenceTimes
}

/**
 * Tells the other nodes which connections this one has, in batches and under a lease. Where the lease was lost (the node stood still,
 * the store was away, or came back empty from a crash) it begins another life and tells all again.
 */
export class PresenceKeeper {
  readonly #options: PresenceKeeperOptions
  readonly #teller: Poller
  readonly #sweeper: Poller
  /** Drawn before it begins, so that what is told under it is never taken for another node's. */
  #life = newLife()
  #isBegun = false
  #renewAt = 0
  #leasedUntil: number
  #heard: Iterator<string> | undefined
  #heardAgainAt: number
  #closed: Promise<void> | undefined

  constructor(options: PresenceKeeperOptions) {
    const { store, times, report, stopwatch } = options
    this.#options = options
    this.#leasedUntil = stopwatch()
    this.#heardAgainAt = stopwatch() + times.heardMs
    this.#teller = new Poller({ everyMs: times.tellMs, step: () => this.#tell(), report })
    this.#sweeper = new Poller({
      everyMs: times.sweepMs,
      step: async () => (await store.sweepPresence({ limit: SWEPT })).more,
      report,
    })
  }

  /** The name under which this node's own connections are told. */
  get life(): string {
    return this.#life
  }

  /** How long the lease still runs, in milliseconds, by what the database has answered; below 0 it has ended. */
  get leaseMs(): number {
    return this.#leasedUntil - this.#options.stopwatch()
  }

  start(): void {
    this.#teller.start()
    this.#sweeper.start()
  }

  /** Ends this life, and takes away what it has told, best effort; idempotent. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  async #close(): Promise<void> {
    await Promise.all([this.#teller.close(), this.#sweeper.close()])
    const { store, report } = this.#options
    const life = this.#life
    if (!this.#isBegun) return
    this.#isBegun = false
    try {
      // From here on nobody sees it any more; the rows go one step after the other.
      await store.endLife({ life })
      for (let more = true; more;) ({ more } = await store.sweepPresence({ limit: SWEPT }))
    } catch (error) {
      report(error)
    }
  }

  async #tell(): Promise<boolean> {
    const { store, local, changes, stopwatch, times } = this.#options
    const { leaseMs, renewMs } = times
    const life = await this.#livingLife()
    const batch = changes.take(local, BATCH)
    const present = [...batch.present, ...this.#heardSince()]
    const now = stopwatch()
    if (present.length === 0 && batch.gone.length === 0 && now < this.#renewAt) return false
    const total = [...local.names()].length
    try {
      if (!(await store.tellPresence({ life, leaseMs, present, gone: batch.gone, total }))) {
        this.#forget()
        return true
      }
    } catch (error) {
      changes.putBack(batch)
      throw error
    }
    this.#renewAt = now + renewMs
    this.#leasedUntil = now + leaseMs
    return batch.present.length === BATCH || batch.gone.length === BATCH
  }

  async #livingLife(): Promise<string> {
    const { store, local, changes, stopwatch, times } = this.#options
    if (this.#isBegun && changes.isLost) {
      await store.endLife({ life: this.#life })
      this.#forget()
    }
    if (this.#isBegun) return this.#life
    // Where one began unseen, its lease ends by itself.
    this.#forget()
    const begunAt = stopwatch()
    await store.beginLife({ life: this.#life, leaseMs: times.leaseMs })
    this.#leasedUntil = begunAt + times.leaseMs
    changes.restart(local.names())
    this.#isBegun = true
    return this.#life
  }

  /** This life is over: the next has another name. */
  #forget(): void {
    this.#life = newLife()
    this.#isBegun = false
  }

  /** The next of those that are told again, since they were heard. */
  #heardSince(): PresentConnection[] {
    const { local, stopwatch, times } = this.#options
    const now = stopwatch()
    if (!this.#heard && now >= this.#heardAgainAt) {
      this.#heardAgainAt = now + times.heardMs
      this.#heard = local.names()[Symbol.iterator]()
    }
    const found: PresentConnection[] = []
    while (this.#heard && found.length < HEARD_BATCH) {
      const next = this.#heard.next()
      if (next.done === true) {
        this.#heard = undefined
        break
      }
      const connection = local.find(next.value)
      if (connection && connection.heardAt > connection.connectedAt) found.push(connection)
    }
    return found
  }
}

function newLife(): string {
  return randomBytes(12).toString('base64url')
}
