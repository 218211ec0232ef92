import { Client } from 'pg'
import * as z from 'zod/mini'
import { Database } from '../postgres/database.js'
import { reasonOf } from '../postgres/inspect.js'
import { migrate } from '../postgres/migrate.js'
import { Place, type Batch, type MoveSource } from './source.js'
import { MOVED_TABLES, type MovedTable } from './tables.js'

/** How long the server may take to answer at first, in milliseconds. */
const CONNECT_MS = 10_000

const Begun = z.object({ name: z.string(), place: z.nullable(z.string()), rows: z.string() })

/** How far a table has come. */
export interface Progress {
  place: Place | undefined
  rows: number
}

/** A PostgreSQL database that is being filled by another one. */
export class MoveTarget implements AsyncDisposable {
  readonly #client: Client

  private constructor(client: Client) {
    this.#client = client
  }

  /** @throws Error where it can't be reached, or brought to this version's schema */
  static async open(url: string): Promise<MoveTarget> {
    const client = new Client({
      connectionString: url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'posthorn migrate-data',
    })
    // What a connection ends by is told by the statement that waits, or the next one.
    client.on('error', () => undefined)
    try {
      await client.connect()
    } catch (error) {
      await client.end().catch(() => undefined)
      throw new Error(`the target can't be reached: ${reasonOf(error)}`, { cause: error })
    }
    const target = new MoveTarget(client)
    try {
      const database = new Database({ url, connections: 1, report: () => undefined })
      try {
        await migrate(database)
      } finally {
        await database.close()
      }
      return target
    } catch (error) {
      await target[Symbol.asyncDispose]()
      throw error
    }
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<unknown[]> {
    return (await this.#client.query<Record<string, unknown>>(sql, [...values])).rows
  }

  /**
   * Begins the move, or goes on with it; gives how far each table has come.
   * @throws Error where the target holds anything else
   */
  begin({ meta, state }: MoveSource): Promise<Map<string, Progress>> {
    return this.#transaction(async () => {
      const [found] = await this.query('SELECT filling FROM meta FOR UPDATE')
      const { filling } = z.object({ filling: z.nullable(z.string()) }).parse(found)
      if (filling === null) await this.#beginAnew(meta.epoch, state)
      else if (filling !== meta.epoch) {
        throw new Error('the target holds an unfinished move of another database')
      }
      const begun = await this.query('SELECT name, place, rows, state FROM moved_tables FOR UPDATE')
      if (
        z
          .array(z.object({ state: z.string() }))
          .parse(begun)
          .some((row) => row.state !== state)
      ) {
        throw new Error(
          'the database has changed since its move began: move it into a target that is empty',
        )
      }
      return new Map(
        z
          .array(Begun)
          .parse(begun)
          .map(({ name, place, rows }) => {
            const at = place === null ? undefined : Place.parse(JSON.parse(place))
            return [name, { place: at, rows: Number(rows) }]
          }),
      )
    })
  }

  async #beginAnew(epoch: string, state: string): Promise<void> {
    for (const { name } of MOVED_TABLES) {
      const [row] = await this.query(`SELECT 1 FROM ${name} LIMIT 1`)
      if (row) throw new Error('the target is not empty: it holds a log already')
    }
    const [node] = await this.query('SELECT 1 FROM nodes WHERE alive_until > clock_timestamp()')
    if (node) throw new Error('the target is in use: stop the nodes that run over it')
    await this.query(
      `CREATE TABLE moved_tables (
         name text PRIMARY KEY, place text, rows bigint NOT NULL DEFAULT 0, state text NOT NULL
       )`,
    )
    await this.query('INSERT INTO moved_tables (name, state) SELECT unnest($1::text[]), $2', [
      MOVED_TABLES.map(({ name }) => name),
      state,
    ])
    await this.query('UPDATE meta SET filling = $1', [epoch])
  }

  /** Writes rows, and with them how far their table has come; where another does the same only one of both goes on. */
  async write(
    { name, columns }: MovedTable,
    { rows, place }: Batch,
    before: Place | undefined,
  ): Promise<void> {
    const names = columns.map((column) => column.name).join(', ')
    const types = columns.map((column) => `${column.name} ${column.type}`).join(', ')
    await this.#transaction(async () => {
      const moved = await this.#client.query(
        `UPDATE moved_tables SET place = $1, rows = rows + $2
         WHERE name = $3 AND place IS NOT DISTINCT FROM $4`,
        [JSON.stringify(place), rows.length, name, before ? JSON.stringify(before) : null],
      )
      if (moved.rowCount !== 1) throw new Error('another move into this target is under way')
      await this.query(
        `INSERT INTO ${name} (${names}) SELECT ${names} FROM json_to_recordset($1) AS rows (${types})`,
        [JSON.stringify(rows)],
      )
    })
  }

  /** Lets go of the marks of the move: from now on it is a database like any other. */
  async finish({ meta, highest }: { meta: MoveSource['meta']; highest: Map<string, number> }) {
    await this.#transaction(async () => {
      for (const [table, id] of highest) {
        const sequence = `pg_get_serial_sequence('${table}', 'id')`
        await this.query(`SELECT setval(${sequence}, greatest($1::bigint, 1), $1 > 0)`, [id])
      }
      await this.query(
        `SELECT setval('fan_out_turns', greatest(max(turn), 1), max(turn) IS NOT NULL) FROM fan_outs`,
      )
      await this.query('DELETE FROM known_users')
      await this.query('INSERT INTO known_users (delta) VALUES ($1)', [meta.users])
      // A copy begins another life, as it would at its first start.
      await this.query(
        `UPDATE meta SET filling = NULL, erasures = $2,
           epoch = CASE WHEN $3 THEN replace(gen_random_uuid()::text, '-', '') ELSE $1 END`,
        [meta.epoch, meta.erasures, meta.isCopy !== 0],
      )
      await this.query('DROP TABLE moved_tables')
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end().catch(() => undefined)
  }

  async #transaction<Result>(work: () => Promise<Result>): Promise<Result> {
    await this.query('BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL jit = off')
    try {
      const result = await work()
      await this.query('COMMIT')
      return result
    } catch (error) {
      await this.query('ROLLBACK').catch(() => undefined)
      throw error
    }
  }
}
