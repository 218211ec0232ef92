import { describe, expect, test } from 'vitest'
import { Epoch } from '../../../src/protocol/identifiers.js'
import { ALL, openDevice, send, type OpenStore } from './store-under-test.js'

export function describeEpochs(open: OpenStore): void {
  describe('epochs', () => {
    test('E1: a user has the same epoch before and after it is known, however it is asked for', async () => {
      await using opened = await open()
      const { store } = opened
      const { epoch } = await store.head('alice')
      expect(Epoch.safeParse(epoch).success).toBe(true)

      await send(store, 'alice')
      expect((await store.head('alice')).epoch).toBe(epoch)
      expect((await store.changes({ user: 'alice', after: 0, ...ALL })).epoch).toBe(epoch)
      expect((await store.list({ user: 'alice', before: undefined, limit: 1 })).epoch).toBe(epoch)
      expect((await openDevice(store, 'alice', 'phone')).epoch).toBe(epoch)

      const unknown = await store.changes({ user: 'bob', after: 0, ...ALL })
      expect((await openDevice(store, 'bob', 'phone')).epoch).toBe(unknown.epoch)
    })

    test('E2: an epoch outlives the process, of who is known and of who is not', async () => {
      await using opened = await open()
      await send(opened.store, 'alice')
      const before = [await opened.store.head('alice'), await opened.store.head('bob')]
      const store = await opened.reopen()
      const after = [await store.head('alice'), await store.head('bob')]
      expect(after.map(({ epoch }) => epoch)).toEqual(before.map(({ epoch }) => epoch))
    })

    test('E2: another database has another epoch', async () => {
      await using first = await open()
      await using second = await open()
      const heads = [await first.store.head('alice'), await second.store.head('alice')]
      expect(heads[0]?.epoch).not.toBe(heads[1]?.epoch)
    })
  })
}
