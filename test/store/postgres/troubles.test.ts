import { describe, expect, test, vi } from 'vitest'
import type { Report } from '../../../src/store/postgres/report.js'
import { PostgresStore } from '../../../src/store/postgres/store.js'
import { startPostgres } from '../../postgres.js'
import { AT, codeOf, openDevice, ROOMY, send, seqsOf } from '../contract/store-under-test.js'
import { POSTGRES_BIN } from './nodes.js'
import { ask } from './files.js'

type Told = Parameters<Report>[0]

const END_ALL = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'posthorn'`

async function openServer() {
  const server = await startPostgres(POSTGRES_BIN ?? '', { fsync: 'off' })
  const told: Told[] = []
  const url = server.url('postgres')
  const store = await PostgresStore.open({
    url,
    bounds: ROOMY,
    node: 'one',
    report: (event) => told.push(event),
  })
  return {
    server,
    store,
    says: () => told.map((event) => (event.kind === 'well' ? 'well' : event.says)),
    async [Symbol.asyncDispose]() {
      await store.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe.skipIf(POSTGRES_BIN === undefined)('a PostgreSQL store in trouble', () => {
  test('tells once that the database is away, however much fails, and once that it is well again', async () => {
    await using opened = await openServer()
    const { server, store, says } = opened
    await openDevice(store, 'alice', 'phone')
    await server.stop('immediate')
    for (let round = 0; round < 3; round++) {
      const failed = await Promise.allSettled([
        send(store, 'alice'),
        store.head('alice'),
        store.revoke({ kind: 'user', name: 'a hash', time: AT }),
      ])
      expect(failed.map((each) => 'reason' in each && codeOf(each.reason))).toEqual(
        failed.map(() => 'store_unavailable'),
      )
    }
    await expect(store.check()).rejects.toThrow('The database does not answer.')
    expect(says()).toEqual(['the database does not answer'])
    await server.start()
    await vi.waitFor(() => expect(says()).toHaveLength(2), { timeout: 20_000 })
    expect(says()).toEqual(['the database does not answer', 'well'])
    await store.check()
    await send(store, 'alice')
    expect(await seqsOf(store, 'alice')).toEqual([1])
  })

  test('tells that the server was stopped before anybody asks for anything', async () => {
    await using opened = await openServer()
    const { server, says } = opened
    await server.stop('fast')
    await vi.waitFor(() => expect(says()).toEqual(['the database does not answer']))
    await server.start()
    await vi.waitFor(() => expect(says()).toHaveLength(2), { timeout: 20_000 })
  })

  test('takes a connection that ends alone for no trouble', async () => {
    await using opened = await openServer()
    const { server, store, says } = opened
    expect(await ask(server.url('postgres'), END_ALL)).not.toEqual([])
    // It looks by a row that it writes, over another connection.
    await vi.waitFor(async () =>
      expect(await ask(server.url('postgres'), 'SELECT 1 FROM known_users')).toHaveLength(1),
    )
    await store.check()
    expect(says()).toEqual([])
  })

  test('says that the database takes no writes', async () => {
    await using opened = await openServer()
    const { server, store, says } = opened
    // Settings hold for connections that are new.
    const set = (setting: string): Promise<unknown> =>
      ask(server.url('template1'), `ALTER DATABASE postgres ${setting}; ${END_ALL}`)
    await set('SET default_transaction_read_only = on')
    await vi.waitFor(() =>
      expect(says()).toEqual(['the database takes no writes: is it a standby?']),
    )
    await expect(store.check()).rejects.toThrow('The database takes no writes')
    expect(codeOf(await send(store, 'alice').catch((error: unknown) => error))).toBe(
      'store_unavailable',
    )
    await set('RESET default_transaction_read_only')
    await vi.waitFor(() => expect(says().slice(1)).toEqual(['well']), { timeout: 20_000 })
  })
})
