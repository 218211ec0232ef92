import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { inject } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { PostgresStore } from '../../../src/store/postgres/store.js'
import { TEMPLATE } from '../../servers.js'
import { ROOMY, type StoreUnderTest } from '../contract/store-under-test.js'

/** A store in a database of its own. */
export interface PostgresUnderTest extends StoreUnderTest {
  url: string
}

/** Whether there is a server to test over. */
export const hasPostgres = inject('postgres') !== null

export async function openPostgres(bounds = ROOMY): Promise<PostgresUnderTest> {
  const database = await makeDatabase()
  const open = (inBounds: typeof bounds, newEpoch: boolean): Promise<Store> =>
    PostgresStore.open({ url: database.url, bounds: inBounds, node: 'one', newEpoch })
  let store = await open(bounds, true)
  return {
    url: database.url,
    get store() {
      return store
    },
    async reopen(newBounds = bounds) {
      await store.close()
      return (store = await open(newBounds, false))
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** A database with this version's schema and nothing in it, which goes when the scope ends. */
export async function makeDatabase(): Promise<{
  url: string
  [Symbol.asyncDispose]: () => Promise<void>
}> {
  const server = inject('postgres')
  if (server === null) throw new Error('PostgreSQL is not installed')
  const name = `test_${randomBytes(8).toString('hex')}`
  await ask(server, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  return {
    url: url.href,
    [Symbol.asyncDispose]: async () => {
      await ask(server, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

/** The rows of one statement, on a connection of its own. */
export async function ask(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return rows
  } finally {
    await client.end()
  }
}
