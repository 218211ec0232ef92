import { describe, expect, test } from 'vitest'
import type { ChangesReader, Store } from '../../../src/inbox/store.js'
import {
  acknowledge,
  ALL,
  AT,
  markIds,
  markUpTo,
  openDevice,
  send,
  sendMany,
  type OpenStore,
  known,
  readChanges,
} from './store-under-test.js'
import { textsIn } from '../../told-entries.js'

/** How a reader is told of each entry of alice's log: `4 state`, by the `seq` at which it arrived. */
async function told(store: Store, reader?: ChangesReader): Promise<string[]> {
  const { entries } = await readChanges(store, { user: 'alice', reader, after: 0, ...ALL })
  return entries.map((change) =>
    change.kind === 'removed' ? `${change.id} removed` : `${change.arrivedSeq} ${change.kind}`,
  )
}

/** The connection of a device, that started after a `seq`. */
const phoneAt = (startedAt: number): ChangesReader => ({ device: 'phone', startedAt })

/** Alice has three, of which her phone has acknowledged two. */
async function openWithTwoOfThree(store: Store): Promise<string[]> {
  const ids = await sendMany(store, 'alice', 3)
  await openDevice(store, 'alice', 'phone')
  await acknowledge(store, 'alice', 'phone', 2)
  return ids
}

export function describeReader(open: OpenStore): void {
  describe('reading for a device', () => {
    test('H1: content that it has acknowledged comes as state, all else whole', async () => {
      await using opened = await open()
      const { store } = opened
      const [first = ''] = await openWithTwoOfThree(store)
      await openDevice(store, 'alice', 'laptop')
      expect(await told(store, phoneAt(2))).toEqual(['1 state', '2 state', '3 whole'])
      await markIds(store, 'alice', 'read', [first], AT + 5)
      expect(await told(store, phoneAt(2))).toEqual(['2 state', '3 whole', '1 state'])
      // What one device has is none of another's, though that has started behind all, nor of no one's.
      const whole = ['2 whole', '3 whole', '1 whole']
      expect(await told(store, { device: 'laptop', startedAt: 4 })).toEqual(whole)
      expect(await told(store)).toEqual(whole)
    })

    test('H1: a state has the id and the state and nothing else, a whole one is the entry', async () => {
      await using opened = await open()
      const { store } = opened
      const [first = '', , third = ''] = await openWithTwoOfThree(store)
      await markIds(store, 'alice', 'archived', [first, third], AT + 5)
      const query = { user: 'alice', reader: phoneAt(2), after: 2, ...ALL }
      const { entries, ...page } = await readChanges(store, query)
      const marked = { seenAt: AT + 5, readAt: AT + 5, archivedAt: AT + 5 }
      expect(entries).toStrictEqual([
        { kind: 'state', id: first, seq: 4, arrivedSeq: 1, ...marked },
        { kind: 'whole', ...(await store.entry({ user: 'alice', id: third })) },
      ])
      expect(page).toStrictEqual({ ...(await store.head('alice')), through: 5 })
    })

    test('H2: what arrived after its connection started comes whole, though it has it', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await openWithTwoOfThree(store)
      const started = phoneAt(2)
      await acknowledge(store, 'alice', 'phone', 3)
      await markIds(store, 'alice', 'seen', ids)
      // By where it arrived: all have moved beyond the start.
      expect(await told(store, { ...started, whole: false })).toEqual([
        '1 state',
        '2 state',
        '3 whole',
      ])
      expect(await told(store, phoneAt(3))).toEqual(['1 state', '2 state', '3 state'])
      expect(await told(store, phoneAt(6))).toEqual(['1 state', '2 state', '3 state'])
    })

    test('H3: all comes whole where it starts below its cursor, or asks for that', async () => {
      await using opened = await open()
      const { store } = opened
      await openWithTwoOfThree(store)
      const whole = ['1 whole', '2 whole', '3 whole']
      const states = ['1 state', '2 state', '3 whole']
      expect(await told(store, phoneAt(0))).toEqual(whole)
      expect(await told(store, phoneAt(1))).toEqual(whole)
      expect(await told(store, phoneAt(2))).toEqual(states)
      expect(await told(store, { ...phoneAt(2), whole: true })).toEqual(whole)
      expect(await told(store, { ...phoneAt(3), whole: true })).toEqual(whole)
      expect(await told(store, { ...phoneAt(2), whole: false })).toEqual(states)
      const below = { ...phoneAt(1), whole: false }
      expect(await told(store, below)).toEqual(['1 state', '2 whole', '3 whole'])
    })

    test('H4: all comes whole to a device that is not known, also where another user has its name', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'])
      await openDevice(store, 'bob', 'phone')
      await acknowledge(store, 'bob', 'phone', 1)
      await openDevice(store, 'alice', 'laptop')
      for (const device of ['phone', 'unknown']) {
        expect(await told(store, { device, startedAt: 1 })).toEqual(['1 whole'])
        expect(await told(store, { device, startedAt: 1, whole: false })).toEqual(['1 whole'])
      }
      const rows = await store.deliveries({ ...known(receipt.id), after: undefined, limit: 5 })
      expect(rows?.items.map(({ user, device }) => `${user} ${device}`)).toEqual([
        'alice laptop',
        'bob phone',
      ])
    })

    test('H5: what latest has skipped comes whole when it moves, until it is acknowledged', async () => {
      await using opened = await open()
      const { store } = opened
      const [first = ''] = await sendMany(store, 'alice', 2)
      await openDevice(store, 'alice', 'phone', { kind: 'latest' })
      await markIds(store, 'alice', 'read', [first])
      expect(await told(store, phoneAt(2))).toEqual(['2 whole', '1 whole'])
      await acknowledge(store, 'alice', 'phone', 3)
      expect(await told(store, phoneAt(3))).toEqual(['2 whole', '1 state'])
    })

    test('H6: the bytes of a page are those of what is told', async () => {
      await using opened = await open()
      const { store } = opened
      for (let count = 0; count < 4; count++) {
        await send(store, 'alice', { title: 'x'.repeat(3_000) })
      }
      await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 4)
      await send(store, 'alice', { title: 'x'.repeat(3_000) })
      await sendMany(store, 'alice', 1)
      const query = { user: 'alice', reader: phoneAt(4), at: AT, after: 0, limit: 100 }
      const all = await store.changes({ ...query, maxBytes: ALL.maxBytes })
      const sizes = textsIn(all.arrays).map((text) => Buffer.byteLength(text))
      expect(sizes.map((size) => size > 3_000)).toEqual([false, false, false, false, true, false])
      const page = (maxBytes: number) => readChanges(store, { ...query, maxBytes })

      for (const through of [3, 4, 5]) {
        const bytes = sizes.slice(0, through).reduce((sum, size) => sum + size)
        expect(await page(bytes)).toMatchObject({ entries: { length: through }, through })
        expect(await page(bytes + 1)).toMatchObject({ through: through + 1 })
      }
      expect(await page(1)).toMatchObject({ entries: { length: 1 }, through: 1 })
    })

    test('H7: what moved before an acknowledgement came by comes whole', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 6)
      await openDevice(store, 'alice', 'phone')
      await markIds(store, 'alice', 'read', ids.slice(4, 5))
      await acknowledge(store, 'alice', 'phone', 6)
      const states = ['1 state', '2 state', '3 state', '4 state', '6 state']
      expect(await told(store, phoneAt(6))).toEqual([...states, '5 whole'])
      await acknowledge(store, 'alice', 'phone', 7)
      await markUpTo(store, 'alice', 'seen', 6)
      const all = ['1 state', '2 state', '3 state', '4 state', '6 state']
      expect((await told(store, phoneAt(7))).toSorted()).toEqual([...all, '5 state'].toSorted())
    })
  })
}
