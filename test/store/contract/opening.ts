import { describe, expect, test } from 'vitest'
import {
  acknowledge,
  AT,
  deliveriesOf,
  openDevice,
  sendMany,
  type OpenStore,
  known,
} from './store-under-test.js'

export function describeOpening(open: OpenStore): void {
  describe('opening a device', () => {
    test('O1: a new device of a new user starts at the beginning of an empty log', async () => {
      await using opened = await open()
      const { store } = opened
      expect(await openDevice(store, 'alice', 'phone')).toEqual({
        ...(await store.head('alice')),
        latest: 0,
        horizon: 0,
        unread: 0,
        unseen: 0,
        cursor: 0,
        position: 0,
        strayed: false,
        evicted: [],
      })
      expect(await store.latest(['alice'])).toEqual(new Map([['alice', 0]]))
      const [id = ''] = await sendMany(store, 'alice', 1)
      expect(await deliveriesOf(store, id)).toEqual(['alice phone pending'])
    })

    test('O1: a new device of a known user starts at the beginning of what there is', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 3)
      await openDevice(store, 'alice', 'phone', { kind: 'latest' })
      const head = { latest: 3, unread: 3, unseen: 3 }
      expect(await openDevice(store, 'alice', 'laptop')).toMatchObject({
        ...head,
        cursor: 0,
        position: 0,
      })
    })

    test('O1: many that open one new device at once make one', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 1)
      await Promise.all(Array.from({ length: 20 }, () => openDevice(store, 'alice', 'phone')))
      expect(await deliveriesOf(store, id)).toEqual(['alice phone pending'])
    })

    test('O2: starts at the stored cursor', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 5)
      await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 3)
      const expected = { latest: 5, cursor: 3, position: 3, strayed: false }
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject(expected)
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject(expected)
    })

    test('O3: latest starts at the end, moves the stored cursor there and records no delivery', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 3)
      await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 1)

      const expected = { cursor: 3, position: 3, strayed: false }
      const latest = { kind: 'latest' } as const
      expect(await openDevice(store, 'alice', 'phone', latest)).toMatchObject(expected)
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject(expected)
      const rows = await Promise.all(ids.map((id) => deliveriesOf(store, id)))
      expect(rows.flat()).toEqual([
        'alice phone delivered',
        'alice phone skipped',
        'alice phone skipped',
      ])
    })

    test('O4: a cursor above the stored one acknowledges up to it', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 4)
      const { epoch } = await openDevice(store, 'alice', 'phone')
      const above = { kind: 'cursor', cursor: 2, epoch } as const

      expect(await openDevice(store, 'alice', 'phone', above, AT + 7)).toMatchObject({
        cursor: 2,
        position: 2,
        strayed: false,
      })
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 2, position: 2 })
      const [first, , third] = await Promise.all(
        ids.map((id) => store.deliveries({ ...known(id), after: undefined, limit: 1 })),
      )
      const deliveredAt = new Date(AT + 7).toISOString()
      expect(first?.items[0]).toMatchObject({ status: 'delivered', deliveredAt })
      expect(third?.items[0]).toMatchObject({ status: 'pending', deliveredAt: null })
    })

    test('O4: the cursor of a device that is new here acknowledges too', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 2)
      const { epoch } = await store.head('alice')
      const end = { kind: 'cursor', cursor: 2, epoch } as const
      expect(await openDevice(store, 'alice', 'phone', end)).toMatchObject({
        cursor: 2,
        position: 2,
        strayed: false,
      })
      expect(await deliveriesOf(store, id)).toEqual(['alice phone delivered'])
    })

    test('O5: a cursor at or below the stored one starts there and leaves that alone', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 5)
      const { epoch } = await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 3)

      for (const cursor of [3, 2, 1, 0]) {
        const start = { kind: 'cursor', cursor, epoch } as const
        expect(await openDevice(store, 'alice', 'phone', start)).toMatchObject({
          cursor: 3,
          position: cursor,
          strayed: false,
        })
        expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 3, position: 3 })
      }
      expect(await deliveriesOf(store, ids[3] ?? '')).toEqual(['alice phone pending'])
    })

    test('O6: a cursor ahead of the log, or of another epoch, has strayed and moves nothing', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 4)
      const { epoch } = await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 1)

      const strays = [
        { cursor: 5, epoch },
        { cursor: 3, epoch: 'another' },
        { cursor: 0, epoch: 'another' },
        { cursor: 9, epoch: 'another' },
      ]
      for (const stray of strays) {
        const start = { kind: 'cursor', ...stray } as const
        expect(await openDevice(store, 'alice', 'phone', start)).toMatchObject({
          epoch,
          cursor: 1,
          position: 1,
          strayed: true,
        })
        expect(await openDevice(store, 'alice', 'phone')).toMatchObject({
          cursor: 1,
          strayed: false,
        })
      }
      expect(await deliveriesOf(store, ids[1] ?? '')).toEqual(['alice phone pending'])
    })
  })
}
