import type { TestProject } from 'vitest/node'
import { Database } from '../src/store/postgres/database.js'
import { migrate } from '../src/store/postgres/migrate.js'
import { POSTGRES, REDIS } from './back-ends/database.js'
import { findPgBouncer, startPgBouncer, type PgBouncer } from './pgbouncer.js'
import { findPostgres, startPostgres } from './postgres.js'
import { findRedis, startRedis } from './redis.js'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where a database is reached whose schema is this version's; none where PostgreSQL is not installed. */
    postgres: string | null
  }
}

/** Cloned for each test that wants a database of its own. */
export const TEMPLATE = 'posthorn_template'

/** Nothing of a test's data outlives the run, so nothing waits for the disk. */
const SETTINGS = { fsync: 'off', full_page_writes: 'off', max_connections: '400' }

/**
 * One PostgreSQL, and one Redis, for all files of tests and all projects of vitest; where PostgreSQL is not installed the suites over
 * it are skipped, and the end of the run says so.
 */
export default async function startServers({ provide }: TestProject): Promise<() => Promise<void>> {
  const { [POSTGRES]: running } = process.env
  const bin = findPostgres()
  if (running !== undefined || bin === undefined) {
    provide('postgres', running ?? null)
    return () => Promise.resolve()
  }
  const started: AsyncDisposable[] = []
  const stop = async (): Promise<void> => {
    for (const server of started.splice(0)) await server[Symbol.asyncDispose]()
    Reflect.deleteProperty(process.env, POSTGRES)
    Reflect.deleteProperty(process.env, REDIS)
  }
  try {
    const server = await startPostgres(bin, SETTINGS)
    started.push(server)
    await makeTemplate(server.url)
    // THROUGH_PGBOUNCER=1: the suites over PostgreSQL reach it through the pooler of the example.
    const pooler =
      process.env['THROUGH_PGBOUNCER'] === '1' ? await startPooler(server.port) : undefined
    if (pooler) started.unshift(pooler)
    process.env[POSTGRES] = (pooler ?? server).url('postgres')
    provide('postgres', (pooler ?? server).url('postgres'))
    const program = findRedis()
    if (program !== undefined) {
      const redis = await startRedis(program)
      started.push(redis)
      process.env[REDIS] = redis.url
    }
  } catch (error) {
    await stop()
    throw error
  }
  return stop
}

async function startPooler(postgresPort: number): Promise<PgBouncer> {
  const program = findPgBouncer()
  if (program === undefined) throw new Error('PgBouncer is not installed')
  return startPgBouncer(program, postgresPort)
}

async function makeTemplate(url: (database: string) => string): Promise<void> {
  await using(url('postgres'), (database) => database.query(`CREATE DATABASE ${TEMPLATE}`))
  await using(url(TEMPLATE), (database) => migrate(database))
}

async function using(url: string, work: (database: Database) => Promise<unknown>): Promise<void> {
  const database = new Database({ url, connections: 1, report: () => undefined })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}
