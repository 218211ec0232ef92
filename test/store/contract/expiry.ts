import { describe, expect, test } from 'vitest'
import { expireAll, headOf, inboxOf, logOf, recalled } from './steps.js'
import {
  acknowledge,
  ALL,
  AT,
  deliveriesOf,
  known,
  markIds,
  numbers,
  openDevice,
  send,
  sendMany,
  type OpenStore,
  readChanges,
} from './store-under-test.js'

export function describeExpiry(open: OpenStore): void {
  describe('expiry', () => {
    test('X1: changes pass an entry over from its time on; list and counts keep it until the sweep', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { title: 'short', expiresAt: AT + 1_000 })
      await sendMany(store, 'alice', 1)
      expect(await logOf(store, 'alice', AT + 999)).toEqual(['1 short', '2 1'])
      expect(await logOf(store, 'alice', AT + 1_000)).toEqual(['2 1'])

      // A page whose last entries have expired goes on behind them all the same.
      const { receipt: last } = await send(store, 'alice', { expiresAt: AT + 1_000 })
      const page = { user: 'alice', ...ALL, at: AT + 1_000 }
      expect(await readChanges(store, { ...page, after: 2 })).toMatchObject({
        entries: [],
        through: 3,
      })
      expect(await readChanges(store, { ...page, after: 0, limit: 1 })).toMatchObject({
        entries: [{ seq: 2 }],
        through: 2,
      })

      expect(await inboxOf(store, 'alice')).toEqual([null, '1', 'short'])
      expect(await headOf(store, 'alice')).toBe('latest 3, horizon 0, unread 3, unseen 3')
      expect(await store.entry({ user: 'alice', id: receipt.id })).toMatchObject({ seq: 1 })
      await expireAll(store, AT + 1_000)
      expect(await inboxOf(store, 'alice')).toEqual(['1'])
      expect(await headOf(store, 'alice')).toBe('latest 5, horizon 0, unread 1, unseen 1')
      for (const id of [receipt.id, last.id]) {
        expect(await store.entry({ user: 'alice', id })).toBeUndefined()
      }
    })

    test('X2: the sweep makes tombstones at the next seqs, in the order of their times, at most so many', async () => {
      await using opened = await open()
      const { store } = opened
      const third = await send(store, 'alice', { expiresAt: AT + 30, collapseKey: 'k' })
      const first = await send(store, 'alice', { expiresAt: AT + 10 })
      const second = await send(store, ['alice', 'bob'], { expiresAt: AT + 20 })
      await send(store, 'alice', { title: 'stays', expiresAt: AT + 41 })
      await markIds(store, 'alice', 'seen', [first.receipt.id])

      const tombstone = { reason: 'expired', collapseKey: null }
      const [one = '', two = '', three = ''] = [first, second, third].map(
        ({ receipt }) => receipt.id,
      )
      expect(await store.expire({ at: AT + 40, limit: 1 })).toEqual([
        { ...tombstone, user: 'alice', id: one, seq: 6, unread: 3, unseen: 3 },
      ])
      expect(await expireAll(store, AT + 40)).toEqual([
        { ...tombstone, user: 'alice', id: two, seq: 7, unread: 2, unseen: 2 },
        { ...tombstone, user: 'bob', id: two, seq: 2, unread: 0, unseen: 0 },
        { ...tombstone, user: 'alice', id: three, seq: 8, unread: 1, unseen: 1, collapseKey: 'k' },
      ])
      expect(await logOf(store, 'alice', AT + 40)).toEqual([
        '4 stays',
        '6 - expired',
        '7 - expired',
        '8 - expired',
      ])
      expect(await headOf(store, 'alice')).toBe('latest 8, horizon 0, unread 1, unseen 1')
    })

    test('X3: what is done is not done again, and due tells when there is something', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 1)
      const { receipt } = await send(store, 'alice', { expiresAt: AT + 10 })
      const other = await send(store, 'alice', { expiresAt: AT + 10 })
      await recalled(store, other.receipt.id)
      const isDue = async (at: number) => (await store.due(at)).expired
      expect([await isDue(AT + 9), await isDue(AT + 10)]).toEqual([false, true])
      expect(await expireAll(store, AT + 9)).toEqual([])
      expect(await expireAll(store, AT + 10)).toMatchObject([{ id: receipt.id }])
      expect(await isDue(AT + 1_000_000)).toBe(false)
      expect(await expireAll(store, AT + 1_000_000)).toEqual([])
      expect(await deliveriesOf(store, other.receipt.id)).toEqual(['alice - recalled'])
      expect(await headOf(store, 'alice')).toBe('latest 5, horizon 0, unread 1, unseen 1')
    })

    test('X4: an acknowledgement over what has expired, or was removed, records no delivery', async () => {
      await using opened = await open()
      const { store } = opened
      for (const device of ['before', 'at', 'after']) await openDevice(store, 'alice', device)
      const { receipt } = await send(store, 'alice', { expiresAt: AT + 10 })
      const overview = async (at: number) =>
        (await store.notification(known(receipt.id, at)))?.status
      await acknowledge(store, 'alice', 'before', 1, AT + 9)
      await acknowledge(store, 'alice', 'at', 1, AT + 10)
      expect([await overview(AT + 9), await overview(AT + 10)]).toEqual(['stored', 'expired'])
      expect(await deliveriesOf(store, receipt.id, AT + 9)).toEqual([
        'alice after pending',
        'alice at skipped',
        'alice before delivered',
      ])
      const ended = ['alice after expired', 'alice at expired', 'alice before delivered']
      expect(await deliveriesOf(store, receipt.id, AT + 10)).toEqual(ended)
      await expireAll(store, AT + 10)
      await acknowledge(store, 'alice', 'after', 2, AT + 11)
      await acknowledge(store, 'alice', 'at', 2, AT + 11)
      expect(await deliveriesOf(store, receipt.id, AT + 11)).toEqual(ended)
    })

    test('X5: a mark moves what has expired without its being read again, and moves no tombstone', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { expiresAt: AT + 10 })
      const marked = await markIds(store, 'alice', 'read', [receipt.id], AT + 20)
      expect(marked).toMatchObject({ moved: [{ from: 1 }], unread: 0 })
      expect(await logOf(store, 'alice', AT + 20)).toEqual([])
      expect(await expireAll(store, AT + 20)).toMatchObject([{ seq: 3, unread: 0, unseen: 0 }])
      expect(await markIds(store, 'alice', 'unread', [receipt.id])).toMatchObject({ moved: [] })
      expect(await logOf(store, 'alice', AT + 20)).toEqual(['3 - expired'])
    })

    test('X6: what a tombstone takes with it over the bounds of the log is swept no more', async () => {
      await using opened = await open({ inboxLimit: 2 })
      const { store } = opened
      const resting = await send(store, 'alice', { expiresAt: AT + 50 })
      // Behind it, as many tombstones as the log may hold.
      for (const _number of numbers(1, 20)) {
        const { receipt } = await send(store, 'alice')
        await recalled(store, receipt.id)
      }
      const { receipt } = await send(store, 'alice', { expiresAt: AT + 40 })
      expect(await headOf(store, 'alice')).toBe('latest 42, horizon 0, unread 2, unseen 2')

      // One tombstone more takes the horizon past the oldest, and past what stands before that.
      expect(await expireAll(store, AT + 50)).toMatchObject([
        { id: receipt.id, seq: 43, unread: 0, unseen: 0 },
      ])
      expect(await headOf(store, 'alice')).toBe('latest 43, horizon 3, unread 0, unseen 0')
      expect(await deliveriesOf(store, resting.receipt.id)).toEqual(['alice - expired'])
      expect((await store.due(AT + 50)).expired).toBe(false)
    })
  })
}
