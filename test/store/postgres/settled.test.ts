import { describe, expect, test } from 'vitest'
import { Client } from 'pg'
import { PostgresStore } from '../../../src/store/postgres/store.js'
import { AT, openDevice, ROOMY, send } from '../contract/store-under-test.js'
import { hasPostgres, makeDatabase } from './files.js'

describe.skipIf(!hasPostgres)('a write to the PostgreSQL store', () => {
  test('waits for acknowledgements of its own user alone, and is counted while it waits', async () => {
    await using database = await makeDatabase()
    const { url } = database
    const store = await PostgresStore.open({ url, bounds: ROOMY, node: 'one' })
    const other = new Client({ connectionString: url })
    try {
      for (const user of ['alice', 'bob']) {
        await openDevice(store, user, 'phone')
        await send(store, user)
      }
      const { epoch } = await store.head('alice')
      await other.connect()
      await other.query(`BEGIN; SELECT 1 FROM users WHERE name = 'alice' FOR UPDATE`)
      const acknowledged = store.acknowledge({
        user: 'alice',
        device: 'phone',
        epoch,
        seq: 1,
        at: AT,
      })
      const seen = store.seeDevice({ user: 'alice', device: 'phone', epoch, at: AT + 1 })
      let isSeen = false
      void seen.then(() => (isSeen = true))
      // These are of nobody, or of another: they don't wait with Alice's.
      await store.seeDevice({ user: 'bob', device: 'phone', epoch: undefined, at: AT + 1 })
      await store.revoke({ kind: 'user', name: 'a hash', time: AT })
      expect(isSeen).toBe(false)
      expect(store.waiting).toEqual({ writer: 2, reader: 0 })
      await other.query('COMMIT')
      expect(await acknowledged).toMatchObject({ kind: 'acknowledged' })
      await seen
      expect(store.waiting).toEqual({ writer: 0, reader: 0 })
    } finally {
      await other.end()
      await store.close()
    }
  })
})
