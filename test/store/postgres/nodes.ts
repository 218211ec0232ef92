import { Client } from 'pg'
import { Database } from '../../../src/store/postgres/database.js'
import { Lane } from '../../../src/store/postgres/group.js'
import { migrate } from '../../../src/store/postgres/migrate.js'
import { findPostgres, startPostgres } from '../../postgres.js'

export const POSTGRES_BIN = findPostgres()

function unasked(): Promise<never> {
  return Promise.reject(new Error('not of this test'))
}

/** What a test of several nodes needs: one database, and the lanes of two nodes over it. */
export async function openNodes(bounds = { inboxLimit: 100_000 }) {
  if (POSTGRES_BIN === undefined) throw new Error('PostgreSQL is not installed')
  const server = await startPostgres(POSTGRES_BIN)
  const url = server.url('postgres')
  const databases = [1, 2].map(() => new Database({ url, connections: 4, report: () => undefined }))
  const [first, second] = databases
  if (!first || !second) throw new Error('two were opened')
  await migrate(first)
  const operations = { acknowledgeAll: unasked, openDevices: unasked }
  const lanes = [first, second].map((database) => new Lane({ database, bounds, operations }))
  const [one, two] = lanes
  if (!one || !two) throw new Error('two were opened')
  return {
    url,
    bounds,
    databases: [first, second] as const,
    lanes: [one, two] as const,
    async raw(): Promise<Client> {
      const client = new Client({ connectionString: url })
      client.on('error', () => undefined)
      await client.connect()
      return client
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(lanes.map((lane) => lane.close()))
      await Promise.all(databases.map((database) => database.close()))
      await server[Symbol.asyncDispose]()
    },
  }
}
