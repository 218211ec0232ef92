import { PosthornError } from '../../protocol/errors.js'
import { inTime } from '../in-time.js'
import type { Database, Reads } from './database.js'
import type { Report } from './report.js'
import { TROUBLES, type TroubleKind } from './trouble.js'

/** How long a look waits for the database: 2 seconds. */
const LOOK_MS = 2_000

/** How often it looks whether a trouble is over: every second. */
const PROBE_MS = 1_000

export interface ConditionOptions {
  /** Asks the database to show that it works, by a row that it writes. */
  probe: () => Promise<unknown>
  report: Report
}

/**
 * How the database fares, as far as its last answers show.
 *
 *     well ── a request fails: it is away, refuses, is full ──► in trouble ── a probe succeeds ──► well
 *
 * While it is in trouble it looks by itself.
 */
export class Condition {
  readonly #options: ConditionOptions
  #trouble: TroubleKind | undefined
  #probing: Promise<unknown> | undefined
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: ConditionOptions) {
    this.#options = options
  }

  /** A request failed for a reason that is none of its own making. */
  failed(trouble: TroubleKind, error: Error): void {
    // What was still under way at the close may fail after it.
    if (this.#closed || this.#trouble === trouble) return
    this.#trouble = trouble
    this.#options.report({ kind: 'trouble', says: TROUBLES[trouble].says, error })
    this.#timer ??= setInterval(() => void this.#look(), PROBE_MS)
  }

  /** A connection ended that nobody used: that alone is no trouble, since servers and poolers end what is idle. */
  suspect(): void {
    void this.#look()
  }

  /** @throws PosthornError `store_unavailable` that says what keeps the database from its work */
  async check(queries: Reads): Promise<void> {
    this.#requireWell()
    try {
      await inTime(look(queries), { withinMs: LOOK_MS, late: silent })
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
    if (!this.#trouble) return
    const { says } = TROUBLES[this.#trouble]
    throw unready(`${says[0]?.toUpperCase()}${says.slice(1)}.`)
  }

  async #look(): Promise<void> {
    if (this.#closed) return
    const trouble = this.#trouble
    try {
      // One at a time: it may take longer than until the next.
      await (this.#probing ??= this.#options.probe().finally(() => (this.#probing = undefined)))
    } catch {
      // It lasts, or is another one by now: who asks the database tells of it.
      return
    }
    if (this.#timer === undefined || this.#trouble !== trouble) return
    this.#rest()
    this.#trouble = undefined
    this.#options.report({ kind: 'well' })
  }
}

/** Writes a row that changes nothing, and goes when those of its table are next joined to one. */
export async function probe(database: Database): Promise<void> {
  await database.transaction((transaction) =>
    transaction.run('INSERT INTO known_users (delta) VALUES (0)'),
  )
}

async function look(queries: Reads): Promise<void> {
  const [found] = await queries.query<{ isStandby: boolean; isReadOnly: boolean }>(
    `SELECT pg_is_in_recovery() AS "isStandby",
       current_setting('transaction_read_only')::boolean AS "isReadOnly" FROM meta`,
  )
  if (!found) throw unready('The database has lost its meta row: restore a backup.')
  if (found.isStandby) {
    throw unready(
      'The database is a standby, which takes no writes: DATABASE_URL must name the primary.',
    )
  }
  if (found.isReadOnly) throw unready('The database is read-only.')
}

function silent(): PosthornError {
  return unready('The database does not answer.')
}

function unready(says: string): PosthornError {
  return new PosthornError('store_unavailable', says)
}
