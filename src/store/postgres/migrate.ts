import { ADVISORY_LOCKS } from './advisory-locks.js'
import { readdirSync, readFileSync } from 'node:fs'
import type { Database, Queries } from './database.js'

const MIGRATIONS = new URL('../../../migrations/postgres/', import.meta.url)

export interface Migration {
  number: number
  sql: string
  /** The first schema whose programs still work beside this one: see `-- works-beside: N` in its first lines. */
  worksBeside: number
}

/**
 * Brings the database to this program's schema, all steps in one transaction. A schema that is newer is left alone: where it says that
 * this program still works with it, a cluster is being upgraded node by node.
 * @throws Error where the database was written by a version that this one doesn't understand, or by another program
 */
export async function migrate(
  database: Database,
  migrations: readonly Migration[] = readMigrations(),
): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.run('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.migrating])
    await makeTable(transaction)
    const current = await readSchema(transaction, migrations)
    for (const { number, sql, worksBeside } of migrations) {
      if (number <= current) continue
      await transaction.run(sql)
      await transaction.run(
        'INSERT INTO schema_migrations (number, works_beside) VALUES ($1, $2)',
        [number, worksBeside],
      )
    }
  })
}

async function makeTable(transaction: Queries): Promise<void> {
  const [known] = await transaction.query<{ ours: boolean; others: boolean }>(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS ours,
       to_regclass('users') IS NOT NULL OR to_regclass('inbox') IS NOT NULL AS others`,
  )
  if (known?.ours) return
  if (known?.others) throw new Error('The database holds the tables of another program.')
  await transaction.run(
    `CREATE TABLE schema_migrations (
       number integer PRIMARY KEY,
       works_beside integer NOT NULL,
       done_at timestamptz NOT NULL DEFAULT now()
     )`,
  )
}

/** @throws Error where this program does not work with the schema */
export async function readSchema(
  queries: Queries,
  migrations: readonly Migration[] = readMigrations(),
): Promise<number> {
  const newest = migrations.at(-1)?.number ?? 0
  const [found] = await queries.query<{ number: number; beside: number }>(
    `SELECT coalesce(max(number), 0) AS number, coalesce(max(works_beside), 0) AS beside
     FROM schema_migrations`,
  )
  const { number = 0, beside = 0 } = found ?? {}
  if (beside > newest) {
    throw new Error(
      `The database has schema ${number}, which needs a version of Posthorn that knows schema ${beside}; this one knows up to ${newest}: start a newer version.`,
    )
  }
  return number
}

function readMigrations(): Migration[] {
  return readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .toSorted()
    .map((name) => {
      const sql = readFileSync(new URL(name, MIGRATIONS), 'utf8')
      const number = Number.parseInt(name, 10)
      const beside = /^-- works-beside: (\d+)$/m.exec(sql)?.[1]
      return { number, sql, worksBeside: beside === undefined ? number : Number(beside) }
    })
}
