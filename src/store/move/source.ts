import { existsSync, statSync } from 'node:fs'
import * as z from 'zod/mini'
import { openOnlooker, type Connection } from '../sqlite/database.js'
import { inspectDatabase } from '../sqlite/inspect.js'
import { DatabaseLock, placeOf } from '../sqlite/lock.js'
import { storable } from '../postgres/text.js'
import type { MovedTable } from './tables.js'

/** Most rows of one batch, and most characters of their texts. */
const MAX_ROWS = 5_000
const MAX_CHARACTERS = 2 * 1024 * 1024

/** Where a table has been copied up to: the key of the last row. */
export const Place = z.array(z.union([z.string(), z.number()]))
export type Place = z.infer<typeof Place>

/** Rows that go over together. */
export interface Batch {
  place: Place
  rows: Record<string, Cell>[]
}

type Cell = string | number | null
const Row = z.record(z.string(), z.nullable(z.union([z.string(), z.number()])))
const Meta = z.object({
  epoch: z.string(),
  erasures: z.number(),
  users: z.number(),
  isCopy: z.number(),
})

/** A database that is moved elsewhere: held so that no service begins over it, read as of one moment, and left as it is. */
export class MoveSource implements Disposable {
  readonly meta: z.infer<typeof Meta>
  /** Another one where the files have changed. */
  readonly state: string
  readonly #connection: Connection
  readonly #lock: DatabaseLock

  private constructor(connection: Connection, lock: DatabaseLock, state: string) {
    this.#connection = connection
    this.#lock = lock
    this.state = state
    const sql = 'SELECT epoch, erasures, users, is_copy AS isCopy FROM meta'
    this.meta = Meta.parse(connection.prepare(sql).get())
  }

  /** @throws Error where there is no sound database of this version, or a service runs over it */
  static open(path: string): MoveSource {
    if (!existsSync(path)) throw new Error(`${path} is not there`)
    const place = placeOf(path)
    const lock = DatabaseLock.take(place)
    try {
      const found = inspectDatabase(place)
      if (found.kind === 'outdated') {
        throw new Error(`${path} is of an older version: start the service over it once`)
      }
      if (found.kind !== 'sound') throw new Error(`${path} is not sound: run \`posthorn check\``)
      const state = stateOf(place)
      const connection = openOnlooker(place)
      try {
        connection.exec('BEGIN')
        return new MoveSource(connection, lock, state)
      } catch (error) {
        connection.close()
        throw error
      }
    } catch (error) {
      lock.free()
      throw error
    }
  }

  count({ name }: MovedTable): number {
    return Number(this.#connection.prepare(`SELECT count(*) FROM ${name}`).pluck().get())
  }

  /** The highest id that was ever drawn; 0 before the first. Where SQLite keeps it, that is also of rows that are gone. */
  highest({ name }: MovedTable): number {
    const sql = `SELECT max(
      ifnull((SELECT max(id) FROM ${name}), 0),
      ifnull((SELECT seq FROM sqlite_sequence WHERE name = '${name}'), 0))`
    return Number(this.#connection.prepare(sql).pluck().get())
  }

  /** What comes after a place, in the order of the key. */
  *batches({ name, key, columns }: MovedTable, after: Place | undefined): Generator<Batch> {
    const fields = [
      ...columns.map(({ name, from }) => `${from} AS ${name}`),
      ...key.map((column, index) => `${column} AS key_${index}`),
    ].join(', ')
    const beyond = after ? `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})` : ''
    const select = this.#connection.prepare<Place>(
      `SELECT ${fields} FROM ${name} ${beyond} ORDER BY ${key.join(', ')}`,
    )
    let batch: Batch = { place: [], rows: [] }
    let characters = 0
    for (const found of select.iterate(...(after ?? []))) {
      const row = Row.parse(found)
      batch.place = Place.parse(key.map((_, index) => row[`key_${index}`]))
      const cells: Record<string, Cell> = {}
      for (const { name: column, isEscaped } of columns) {
        const cell = row[column] ?? null
        cells[column] = typeof cell === 'string' && isEscaped ? storable(cell) : cell
        if (typeof cell === 'string') characters += cell.length
      }
      batch.rows.push(cells)
      if (batch.rows.length < MAX_ROWS && characters < MAX_CHARACTERS) continue
      yield batch
      batch = { place: [], rows: [] }
      characters = 0
    }
    if (batch.rows.length > 0) yield batch
  }

  [Symbol.dispose](): void {
    this.#connection.close()
    this.#lock.free()
  }
}

/** A service that ran meanwhile has written to one of the files. An empty log is as good as none. */
function stateOf(path: string): string {
  return [path, `${path}-wal`]
    .map((file) => statSync(file, { throwIfNoEntry: false, bigint: true }))
    .map((found) => (found && found.size > 0n ? `${found.size}@${found.mtimeNs}` : ''))
    .join(' ')
}
