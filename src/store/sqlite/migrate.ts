import { readdirSync, readFileSync } from 'node:fs'
import type { Connection } from './database.js'

const MIGRATIONS = new URL('../../../migrations/sqlite/', import.meta.url)

interface Migration {
  number: number
  sql: string
}

/**
 * Brings the database to this program's schema, all steps in one transaction, and has references enforced from then on.
 * The number of the last migration stands in the file's `user_version`.
 * @throws where the database was written by a newer version, whose rows may mean what this one doesn't know, or by
 *   another program
 */
export function migrate(
  connection: Connection,
  migrations: readonly Migration[] = readMigrations(),
): void {
  const newest = newestOf(migrations)
  connection
    .transaction(() => {
      const current = readSchema(connection, newest)
      const missing = migrations.filter(({ number }) => number > current)
      for (const migration of missing) {
        connection.exec(migration.sql)
        connection.pragma(`user_version = ${migration.number}`)
      }
      // Otherwise all was written with references enforced: a look at ten million notifications took 18 s of each start (`growth`).
      if (missing.length === 0) return
      const [broken] = connection.prepare('PRAGMA foreign_key_check').all()
      if (broken) throw new Error('The database holds rows that refer to others which are gone.')
    })
    .immediate()
  connection.pragma('foreign_keys = ON')
}

/**
 * Whether the database has this program's schema, or an older one, which is brought to it at the next start.
 * @throws as `migrate`
 */
export function isUpToDate(connection: Connection): boolean {
  const newest = newestOf(readMigrations())
  return readSchema(connection, newest) === newest
}

function readSchema(connection: Connection, newest: number): number {
  const current = Number(connection.pragma('user_version', { simple: true }))
  if (current > newest) {
    throw new Error(
      `The database has schema ${current}, this version of Posthorn knows up to ${newest}: start a newer version.`,
    )
  }
  if (current === 0 && connection.prepare('SELECT 1 FROM sqlite_schema').get()) {
    throw new Error('The database holds the tables of another program.')
  }
  return current
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.number ?? 0
}

function readMigrations(): Migration[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => ({
      number: Number.parseInt(name, 10),
      sql: readFileSync(new URL(name, MIGRATIONS), 'utf8'),
    }))
}
