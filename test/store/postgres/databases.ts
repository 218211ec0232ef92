import { afterAll, beforeAll } from 'vitest'
import { Database } from '../../../src/store/postgres/database.js'
import { migrate } from '../../../src/store/postgres/migrate.js'
import { findPostgres, startPostgres, type PostgresServer } from '../../postgres.js'

const bin = findPostgres()

/** Whether PostgreSQL is on this machine. */
export const hasPostgres = bin !== undefined

/** A server for the tests of a file, each of which has a database of its own there. */
export function postgresForTests(): {
  server: () => PostgresServer
  /** An empty database with the schema; whoever asks closes it. */
  open: () => Promise<Database>
} {
  let running: PostgresServer | undefined
  let made = 0
  beforeAll(async () => {
    if (bin !== undefined) running = await startPostgres(bin)
  })
  afterAll(() => running?.[Symbol.asyncDispose]())
  const server = (): PostgresServer => {
    if (!running) throw new Error('PostgreSQL is not running')
    return running
  }
  return {
    server,
    async open() {
      made += 1
      const name = `test_${made}`
      const all = openDatabase(server().url('postgres'), 1)
      await all.query(`CREATE DATABASE ${name}`)
      await all.close()
      const database = openDatabase(server().url(name))
      await migrate(database)
      return database
    },
  }
}

/** What happens to connections that nobody uses is the tests' own doing. */
export function openDatabase(url: string, connections = 8): Database {
  return new Database({ url, connections, report: () => undefined })
}
