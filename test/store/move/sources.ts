import Database from 'better-sqlite3'
import { Client } from 'pg'
import * as z from 'zod/mini'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { seededRandom } from '../../random.js'
import { EVERYONE, openDevice, send } from '../contract/store-under-test.js'
import { RandomUse, USERS } from '../sqlite/random-use.js'

/** Users beside those who are used, so that a table needs several batches. */
const CROWD = 12_000

/** Makes a database in which of everything something is: also what is half done. Gives its clock's time. */
export async function makeSource(path: string, seed: number): Promise<number> {
  const store = await SqliteStore.open(path, { inboxLimit: 200 })
  const use = new RandomUse(store, seededRandom(seed))
  for (let step = 0; step < 800; step++) await use.step()
  const { at } = use
  for (const user of USERS) {
    for (const device of ['phone', 'laptop']) await openDevice(store, user, device)
  }
  const { epoch, latest } = await store.head('alice')
  await store.acknowledge({ user: 'alice', device: 'phone', epoch, seq: latest, at })
  await send(store, 'alice', { at, key: 'order-1', title: 'By key', collapseKey: 'a\0b\uFFFE"' })
  await send(store, 'not a \uFFFE character', { at, title: '\uFFFE0' })
  await send(store, 'alice', { at, title: 'Cut \0 off \uD800', dueAt: at + 100_000 })
  await store.subscribe({ user: 'bob', topic: 'news.eu', at, own: undefined })
  await store.changeSubscribers({ topic: 'news.eu', add: ['alice', 'carol'], remove: [], at })
  await send(store, { kind: 'topic', topic: 'news.eu' }, { at, dueAt: at + 200_000 })
  for (let number = 0; number < 30; number++) await send(store, 'erin', { at })
  await send(store, EVERYONE, { at, title: 'Half-way' })
  while ((await store.stepFanOut({ at, limit: 2 }))?.kind === 'recalled');
  await store.revoke({ kind: 'user', name: 'hash of mallory', time: at })
  await store.revoke({ kind: 'token', name: 'hash of a token', time: at + 1 })
  await store.removeDevice({ user: 'bob', device: 'laptop', unseenSince: undefined })
  await store.erase({ user: 'erin', limit: 100_000 })
  await store.purge({ limit: 5 })
  await store.close()
  const connection = new Database(path)
  connection.exec(`
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${CROWD})
    INSERT INTO users (name, life) SELECT 'Ünë "of\\ many" ' || n, 1 FROM numbers`)
  connection.close()
  return at
}

type Cell = string | number | null
const Row = z.record(z.string(), z.nullable(z.union([z.string(), z.number(), z.boolean()])))

/** Every table's rows as lines of text, sorted; as PostgreSQL names and holds them. */
export type Dump = Record<string, string[]>

const lineOf = (row: Record<string, Cell>): string => {
  const cells = Object.entries(row).filter(
    ([name]) => !['type', 'leased_by', 'leased_until'].includes(name),
  )
  return JSON.stringify(cells.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

export function dumpSqlite(path: string): Dump {
  const connection = new Database(path, { readonly: true })
  try {
    const select = connection.prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'meta'`,
    )
    return Object.fromEntries(
      select
        .pluck()
        .all()
        .map(String)
        .map((table) => [
          table,
          connection
            .prepare(`SELECT * FROM ${table}`)
            .all()
            .map((row) => {
              const { user, ...others } = Row.parse(row)
              return lineOf({
                ...cellsOf(others),
                ...(user === undefined ? {} : { user_id: cellOf(user, 'user_id') }),
              })
            })
            .toSorted(),
        ]),
    )
  } finally {
    connection.close()
  }
}

export async function dumpPostgres(url: string, tables: readonly string[]): Promise<Dump> {
  return using(url, async (client) => {
    const dump: Dump = {}
    for (const table of tables) {
      const { rows } = await client.query<Record<string, unknown>>(`SELECT * FROM ${table}`)
      dump[table] = rows
        .map((row) => {
          const { leased_by: _node, leased_until: _until, ...ours } = row
          return lineOf(cellsOf(Row.parse(ours), bareOf))
        })
        .toSorted()
    }
    return dump
  })
}

/** Asks a database, and lets go of it. */
export async function using<Result>(
  url: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = new Client({
    connectionString: url,
    types: {
      getTypeParser: (oid: number) => (text: string) =>
        oid === 20 ? Number(text) : oid === 16 ? text === 't' : text,
    },
  })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function cellsOf(row: z.infer<typeof Row>, of = cellOf): Record<string, Cell> {
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, of(cell, name)]))
}

const bareOf = (cell: Cell | boolean): Cell => (typeof cell === 'boolean' ? Number(cell) : cell)

/** What no text of PostgreSQL can hold, as it stands there. */
function cellOf(cell: Cell | boolean, name: string): Cell {
  if (typeof cell === 'boolean') return Number(cell)
  return typeof cell === 'string' && ['issuer', 'subject', 'key', 'collapse_key'].includes(name)
    ? cell.replaceAll('\uFFFE', '\uFFFE1').replaceAll('\0', '\uFFFE0')
    : cell
}
