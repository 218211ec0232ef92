import { describe, expect, test } from 'vitest'
import { isSqlite } from '../back-ends/database.js'
import { startService, type TestService } from '../harness.js'
import { measure, measuredUntil } from '../measured.js'
import { ask, hasPostgres, makeDatabase } from '../store/postgres/files.js'

const CLUSTER = /^posthorn_(?:bus|wakes|database|cluster)_/

const node = (url: string, name: string): Promise<TestService> =>
  startService({
    environment: { DATABASE_URL: url, NODE_NAME: name, DATABASE_CONNECTIONS: '4' },
    limits: { lookMs: 500 },
  })

test.runIf(isSqlite())('a service over SQLite shows nothing of a cluster', async () => {
  await using service = await startService()
  const { kinds } = await measure(service)
  expect([...kinds.keys()].filter((name) => CLUSTER.test(name))).toEqual([])
})

describe.skipIf(!hasPostgres)('two nodes over PostgreSQL', () => {
  test('tell of the bus, their connections to the database, their leases and each other', async () => {
    await using database = await makeDatabase()
    await using one = await node(database.url, 'one')
    await using two = await node(database.url, 'two')
    const both = await measuredUntil(
      two,
      (now) =>
        now.value('posthorn_bus_connected') === 1 &&
        now.value('posthorn_cluster_nodes') === 2 &&
        (now.value('posthorn_cluster_lease_seconds') ?? 0) > 0,
    )
    expect(both.value('posthorn_cluster_lease_seconds')).toBeGreaterThan(5)
    expect(both.value('posthorn_cluster_lease_seconds')).toBeLessThanOrEqual(15)
    await using phone = await two.api.connect('alice')
    await phone.first('caught_up')
    await one.api.send('alice', 'x')
    await phone.received(1)
    const heard = await measuredUntil(
      two,
      (now) => (now.value('posthorn_bus_messages_total', { what: 'received' }) ?? 0) > 0,
    )
    expect(heard.value('posthorn_bus_lag_seconds')).toBeLessThan(5)
    expect(heard.value('posthorn_bus_messages_total', { what: 'misunderstood' })).toBe(0)
    const said = await measure(one)
    expect(said.value('posthorn_bus_messages_total', { what: 'published' })).toBeGreaterThan(0)
    const open = ['in_use', 'idle'].map((state) =>
      said.value('posthorn_database_connections', { state }),
    )
    const [inUse = 0, idle = 0] = open
    expect(inUse + idle).toBeGreaterThan(0)
    expect(inUse + idle).toBeLessThanOrEqual(4)
    expect(said.value('posthorn_database_requests_waiting')).toBe(0)
  })

  test('count what only a look at the store has found', async () => {
    await using database = await makeDatabase()
    await using service = await node(database.url, 'one')
    await using phone = await service.api.connect('alice')
    await phone.first('caught_up')
    expect((await measure(service)).value('posthorn_wakes_missed_total')).toBe(0)
    // As if a node had written it and died before it could tell: the log moves, and nobody says so.
    await ask(
      database.url,
      `WITH moved AS (UPDATE users SET latest = latest + 1 WHERE name = 'alice' RETURNING id, latest)
       SELECT latest FROM moved`,
    )
    await measuredUntil(service, (now) => now.value('posthorn_wakes_missed_total') === 1)
  })
})
