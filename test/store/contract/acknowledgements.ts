import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import {
  acknowledge,
  ALL,
  AT,
  deliveriesOf,
  markIds,
  numbers,
  openDevice,
  send,
  sendMany,
  SHOP,
  type OpenStore,
} from './store-under-test.js'

async function cursorOf(store: Store, user: string, device: string): Promise<number> {
  return (await openDevice(store, user, device)).cursor
}

export function describeAcknowledgements(open: OpenStore): void {
  describe('acknowledging', () => {
    test('A1: covers all up to its seq, and answers where the cursor stands', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 4)
      await openDevice(store, 'alice', 'phone')

      expect(await acknowledge(store, 'alice', 'phone', 3)).toBe(3)
      expect(await cursorOf(store, 'alice', 'phone')).toBe(3)
      const rows = await Promise.all(ids.map((id) => deliveriesOf(store, id)))
      expect(rows.flat()).toEqual([
        ...numbers(1, 3).map(() => 'alice phone delivered'),
        'alice phone pending',
      ])
    })

    test('A2: one at or below the cursor leaves it where it is', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 4)
      await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 3)
      for (const seq of [3, 2, 1, 0]) {
        expect(await acknowledge(store, 'alice', 'phone', seq)).toBe(3)
        expect(await cursorOf(store, 'alice', 'phone')).toBe(3)
      }
    })

    test('A3: one ahead of the log changes nothing, and tells where the log ends', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 2)
      const { epoch } = await openDevice(store, 'alice', 'phone')
      for (const seq of [3, 1_000]) {
        const ahead = { user: 'alice', device: 'phone', epoch, seq, at: AT }
        expect(await store.acknowledge(ahead)).toStrictEqual({ kind: 'ahead', latest: 2 })
      }
      expect(await cursorOf(store, 'alice', 'phone')).toBe(0)
      expect(await deliveriesOf(store, id)).toEqual(['alice phone pending'])
    })

    test('A4: one of another epoch changes nothing, whatever else is wrong with it', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 1)
      await openDevice(store, 'alice', 'phone')
      const other = { user: 'alice', device: 'phone', epoch: 'another', seq: 1, at: AT }
      for (const command of [other, { ...other, seq: 9 }, { ...other, device: 'unknown' }]) {
        expect(await store.acknowledge(command)).toStrictEqual({ kind: 'other_epoch' })
      }
      expect(await cursorOf(store, 'alice', 'phone')).toBe(0)
      expect(await deliveriesOf(store, id)).toEqual(['alice phone pending'])
    })

    test('A4: one of a device or a user that is not known changes nothing and makes nothing', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 1)
      await openDevice(store, 'carol', 'phone')
      const { epoch } = await store.head('alice')
      // What is ahead of the log is no answer to one who has no device.
      for (const seq of [0, 1, 9]) {
        for (const user of ['alice', 'bob']) {
          const command = { user, device: 'phone', epoch, seq, at: AT }
          expect(await store.acknowledge(command)).toStrictEqual({ kind: 'unknown_device' })
        }
      }
      expect(await deliveriesOf(store, id)).toEqual(['alice - pending'])
      expect(await store.latest(['bob'])).toEqual(new Map())
    })

    test('A5: moves one device of one user, and no other', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 3)
      await sendMany(store, 'bob', 3)
      await openDevice(store, 'alice', 'phone')
      await openDevice(store, 'alice', 'laptop')
      await openDevice(store, 'bob', 'phone')

      await acknowledge(store, 'alice', 'phone', 3)
      await acknowledge(store, 'alice', 'laptop', 1)

      expect(await cursorOf(store, 'alice', 'phone')).toBe(3)
      expect(await cursorOf(store, 'alice', 'laptop')).toBe(1)
      expect(await cursorOf(store, 'bob', 'phone')).toBe(0)
    })

    test('A6: of many at once the highest stands, and each answer is at or above what was asked', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 20)
      await openDevice(store, 'alice', 'phone')
      const shuffled = numbers(1, 20).map((number) => (number * 8) % 21)
      const cursors = await Promise.all(
        shuffled.map((seq) => acknowledge(store, 'alice', 'phone', seq)),
      )
      expect(cursors.every((cursor, index) => cursor >= (shuffled[index] ?? 0))).toBe(true)
      expect(await cursorOf(store, 'alice', 'phone')).toBe(20)
      const rows = await Promise.all(ids.map((id) => deliveriesOf(store, id)))
      expect(new Set(rows.flat())).toEqual(new Set(['alice phone delivered']))
    })

    test.each<[string, (store: Store, id: string) => Promise<unknown>]>([
      ['is marked', (store, id) => markIds(store, 'alice', 'read', [id])],
      ['is replaced', (store) => send(store, 'alice', { collapseKey: 'key' })],
      ['is recalled', (store, id) => store.recall({ id, sender: SHOP, at: AT, limit: ALL.limit })],
      ['has too many after it', (store) => send(store, 'alice')],
    ])('A7: an entry that %s after its acknowledgement was delivered', async (_what, act) => {
      await using opened = await open({ inboxLimit: 1 })
      const { store } = opened
      const { receipt } = await send(store, 'alice', { collapseKey: 'key' })
      const { epoch } = await openDevice(store, 'alice', 'phone')
      const acknowledged = store.acknowledge({
        user: 'alice',
        device: 'phone',
        epoch,
        seq: 1,
        at: AT,
      })
      await act(store, receipt.id)
      expect(await acknowledged).toEqual({ kind: 'acknowledged', cursor: 1 })
      expect(await deliveriesOf(store, receipt.id)).toEqual(['alice phone delivered'])
    })
  })
}
