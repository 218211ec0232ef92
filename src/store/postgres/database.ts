import { setTimeout } from 'node:timers/promises'
import { DatabaseError, Pool, types as builtin, TypeOverrides, type PoolClient } from 'pg'
import { PosthornError } from '../../protocol/errors.js'
import { isConflict, troubleOf, type TroubleKind } from './trouble.js'

/** Values of a query: what a driver writes as text, and lists of that. */
export type Value = string | number | boolean | null | readonly (string | number | boolean | null)[]

/** A statement in a transaction, or by itself; the type of its rows is what its SQL says. */
export interface Queries {
  query<Row extends object = never>(sql: string, values?: readonly Value[]): Promise<Row[]>
  /** As `query`, for what gives no rows; gives how many it has changed. */
  run(sql: string, values?: readonly Value[]): Promise<number>
}

/** Single statements that read: in a transaction, or each by itself. */
export type Reads = Pick<Queries, 'query'>

/**
 * A transaction that is under way. What is asked for without waiting goes over at once, in order: the answers come in one round
 * trip. After a statement that fails all others fail too.
 */
export type Transaction = Queries

export interface DatabaseOptions {
  url: string
  /** Most connections. */
  connections: number
  /** Told of what happens to connections that nobody uses now. */
  report: (error: Error) => void
  /** Told of each failure that shows what keeps the database from its work. */
  failed?: (trouble: TroubleKind, error: Error) => void
}

/** How long a request may wait for a connection, be it a new one, in milliseconds. */
const CONNECT_MS = 10_000

/** An answer that takes longer does not come any more: 20 seconds. */
const ANSWER_MS = 20_000

/** How often a transaction is tried that another one got in the way of, … */
const TRIES = 8

/** … and about how long after the first time, in milliseconds; each time that much more. */
const TRY_AGAIN_MS = 10

/** SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html). */
const TOO_MANY_CONNECTIONS = '53300'

/** How soon a connection is asked for again where there was none left, in milliseconds, at most. */
const CROWDED_MS = 100

/** Requests that may wait for a connection. */
const MAX_WAITING = 5_000

/**
 * A node that stops in the middle of a transaction must not keep its locks: after 5 seconds without a word the server ends it. Set in
 * each transaction, since behind a transaction pooler a connection keeps nothing between two of them.
 */
const SETTINGS = `SET LOCAL idle_in_transaction_session_timeout = 5000;
  SET LOCAL lock_timeout = 10000; SET LOCAL statement_timeout = 15000; SET LOCAL jit = off`

const WRITING = `BEGIN; ${SETTINGS}`
const READING = `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${SETTINGS}`

// Numbers are far below 2^53: rows, and milliseconds.
const types = new TypeOverrides()
types.setTypeParser(builtin.builtins.INT8, Number)

/** A PostgreSQL database behind a pool of connections. */
export class Database {
  readonly #pool: Pool
  readonly #failed: (trouble: TroubleKind, error: Error) => void
  #closed: Promise<void> | undefined

  constructor({ url, connections, report, failed = () => undefined }: DatabaseOptions) {
    this.#failed = failed
    this.#pool = new Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      application_name: 'posthorn',
      pipeline: true,
      types,
    })
    this.#pool.on('error', report)
    // A small page must not wait for a compiler: where the planner knows little of a table, it did for two seconds (the contract's M1).
    this.#pool.on('connect', (client) => {
      client.query('SET jit = off').catch(() => undefined)
    })
  }

  /** Connections by what they do, those in use with those that are being opened; and requests that wait for one. */
  get connections(): { inUse: number; idle: number; waiting: number } {
    const { totalCount, idleCount: idle, waitingCount: waiting } = this.#pool
    return { inUse: totalCount - idle, idle, waiting }
  }

  /** One statement by itself. */
  async query<Row extends object>(sql: string, values: readonly Value[] = []): Promise<Row[]> {
    return this.#using((client) => queriesOf(client).query<Row>(sql, values))
  }

  /** Reads several times at one moment. */
  snapshot<Result>(work: (queries: Queries) => Promise<Result>): Promise<Result> {
    return this.#using((client) => inTransaction(client, READING, work))
  }

  /**
   * Writes; resolves when it is on disk. `work` may run several times, where others were in its way, and must change nothing but the
   * database.
   */
  async transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
    for (let tried = 1; ; tried++) {
      try {
        return await this.#using((client) => inTransaction(client, WRITING, work))
      } catch (error) {
        if (!(error instanceof TryAgain)) throw error
        if (tried === TRIES) throw unavailable(error)
      }
      // Not in step with those who were in the way.
      await setTimeout(Math.random() * TRY_AGAIN_MS * tried)
    }
  }

  /** Ends what is under way, then every connection; idempotent. */
  close(): Promise<void> {
    return (this.#closed ??= this.#pool.end())
  }

  /** A connection of the pool. Where the server has none left for a new one, those that there are come free again. */
  async #connect(): Promise<PoolClient> {
    const patience = performance.now() + CONNECT_MS
    for (;;) {
      try {
        return await this.#pool.connect()
      } catch (error) {
        const isCrowded = error instanceof DatabaseError && error.code === TOO_MANY_CONNECTIONS
        if (!isCrowded || this.#pool.totalCount === 0 || performance.now() >= patience) throw error
        await setTimeout(Math.random() * CROWDED_MS)
      }
    }
  }

  async #using<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    if (this.#closed) throw unavailable(new Error('the store is closed'))
    if (this.#pool.waitingCount >= MAX_WAITING) throw overloaded()
    let client: PoolClient
    try {
      client = await this.#connect()
    } catch (error) {
      this.#tell(troubleOf(error)?.kind ?? 'away', error)
      throw unavailable(error)
    }
    let isBroken = false
    const broken = (): void => void (isBroken = true)
    client.on('error', broken)
    try {
      return await work(client)
    } catch (error) {
      const trouble = troubleOf(error)
      if (trouble?.breaks) isBroken = true
      if (trouble?.kind) this.#tell(trouble.kind, error)
      if (isConflict(error)) throw new TryAgain('others were in the way', { cause: error })
      if (trouble) throw trouble.code === 'storage_full' ? full(error) : unavailable(error)
      throw error
    } finally {
      client.off('error', broken)
      client.release(isBroken)
    }
  }

  #tell(trouble: TroubleKind, error: unknown): void {
    this.#failed(trouble, error instanceof Error ? error : new Error(String(error)))
  }
}

/** Thrown by a transaction, or the database, where it may go well the next time. */
export class TryAgain extends Error {
  override readonly name = 'TryAgain'
}

function queriesOf(client: PoolClient): Queries {
  const ask = (sql: string, values: readonly Value[]) => client.query(sql, [...values])
  return {
    // The columns are the statement's own, and this program's.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    query: async (sql, values = []) => (await ask(sql, values)).rows as never,
    run: async (sql, values = []) => (await ask(sql, values)).rowCount ?? 0,
  }
}

/** With the first statement of `work` its beginning goes over, and nothing waits for it. */
async function inTransaction<Result>(
  client: PoolClient,
  begin: string,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  const begun = client.query(begin)
  try {
    const [result] = await Promise.all([work(queriesOf(client)), begun])
    // What failed unseen ends the transaction all the same.
    const { command } = await client.query('COMMIT')
    if (command !== 'COMMIT') throw new Error('a statement of the transaction had failed')
    return result
  } catch (error) {
    await begun.catch(() => undefined)
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Whether what waits was committed is open, so this promises nothing of it. */
export function unavailable(cause: unknown): PosthornError {
  return new PosthornError(
    'store_unavailable',
    'The store does not answer now: try again, a send with the same Idempotency-Key.',
    { cause },
  )
}

function full(cause: unknown): PosthornError {
  return new PosthornError(
    'storage_full',
    'The disk of the database is full: try again later, a send with the same Idempotency-Key.',
    { cause },
  )
}

export function overloaded(): PosthornError {
  return new PosthornError(
    'overloaded',
    'More waits for the database than may: nothing was stored. Try again in a moment.',
  )
}
