import { describe, expect, test } from 'vitest'
import { PostgresStore } from '../../../src/store/postgres/store.js'
import { open } from '../contract/people-fixture.js'
import { AT } from '../contract/store-under-test.js'
import { hasPostgres, openPostgres } from './files.js'

describe.skipIf(!hasPostgres)('room for a new device, on PostgreSQL', () => {
  test('is made by one that no node has connected, though it was seen later', async () => {
    await using opened = await openPostgres()
    const { store } = opened
    if (!(store instanceof PostgresStore)) throw new Error('it is another store')
    await open(store, 'alice', 'at another node', { at: AT })
    await open(store, 'alice', 'away', { at: AT + 1 })
    const life = 'another node'
    await store.cluster.beginLife({ life, leaseMs: 60_000 })
    const present = [
      { user: 'alice', device: 'at another node', connection: 'c', connectedAt: AT, heardAt: AT },
    ]
    await store.cluster.tellPresence({ life, leaseMs: 60_000, present, gone: [], total: 1 })
    const { evicted } = await open(store, 'alice', 'new', { at: AT + 2, maxDevices: 2 })
    expect(evicted.map(({ name }) => name)).toEqual(['away'])
    await store.cluster.endLife({ life })
  })
})
