import Sqlite from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { Client } from 'pg'

// The same tests run over each back end: a file's path stands for a database, wherever that is. Which back end it is, and where its
// servers are, is told by the environment, since services in processes of their own are told so too.

/** Set for the tests of a project of vitest: `postgres`, or `redis` for PostgreSQL with Redis beside it. SQLite where it is not. */
export const BACK_END = 'POSTHORN_TEST_BACK_END'

/** Where the servers are that are started for all tests: a database of PostgreSQL's from which others are made, and Redis. */
export const POSTGRES = 'POSTHORN_TEST_POSTGRES'
export const REDIS = 'POSTHORN_TEST_REDIS'

/** Connections of one service: many files run side by side. */
const CONNECTIONS = '5'

/** Databases that were made here, and are still there. */
const made = new Set<string>()

/** What a service is told of the database that a path stands for; one path always stands for the same one. */
export async function databaseAt(path: string): Promise<Record<string, string>> {
  const { [BACK_END]: backEnd, [POSTGRES]: server, [REDIS]: redis } = process.env
  if (isSqlite()) return { DATABASE_URL: `sqlite:${path}` }
  if (server === undefined) throw new Error('there is no PostgreSQL for these tests')
  const name = `p${createHash('sha256').update(path).digest('hex').slice(0, 24)}`
  if (!made.has(name)) await make(server, name)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    DATABASE_URL: url.href,
    DATABASE_CONNECTIONS: CONNECTIONS,
    ...(backEnd === 'redis' && redis !== undefined && { BUS_URL: redis }),
  }
}

/** Takes away what was made since the last time, whoever may still be connected to it. */
export async function dropDatabases(): Promise<void> {
  const { [POSTGRES]: server } = process.env
  if (server === undefined || made.size === 0) return
  await using admin = await connected(server)
  for (const name of made) {
    await admin.client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
    made.delete(name)
  }
}

async function make(server: string, name: string): Promise<void> {
  await using admin = await connected(server)
  const { rowCount } = await admin.client.query('SELECT FROM pg_database WHERE datname = $1', [
    name,
  ])
  if (rowCount === 0) await admin.client.query(`CREATE DATABASE ${name}`)
  made.add(name)
}

async function connected(url: string): Promise<AsyncDisposable & { client: Client }> {
  const client = new Client({ connectionString: url })
  await client.connect()
  return { client, [Symbol.asyncDispose]: () => client.end() }
}

/** Whether a file holds the database of these tests. */
export function isSqlite(): boolean {
  return (process.env[BACK_END] ?? '') === ''
}

/** The column by which an entry of an inbox names its user. */
export function userOfInbox(): string {
  return isSqlite() ? 'user' : 'user_id'
}

/** What a database holds, read past the service; `?` stands for a value in the SQL. */
export async function rowsIn(
  path: string,
  sql: string,
  values: readonly (string | number)[] = [],
): Promise<unknown[]> {
  if (isSqlite()) {
    const database = new Sqlite(path, { readonly: true })
    try {
      return database.prepare(sql).all(...values)
    } finally {
      database.close()
    }
  }
  let place = 0
  const { DATABASE_URL: url = '' } = await databaseAt(path)
  await using database = await connected(url)
  const numbered = sql.replaceAll('?', () => `$${++place}`)
  return (await database.client.query<object>(numbered, [...values])).rows
}
