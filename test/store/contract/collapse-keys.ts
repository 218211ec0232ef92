import { describe, expect, test } from 'vitest'
import { headOf, inboxOf, logOf, recalled, reachedBy, stepAll } from './steps.js'
import {
  acknowledge,
  ALL,
  AT,
  AWKWARD,
  deliveriesOf,
  deliveriesPage,
  EVERYONE,
  known,
  markIds,
  numbers,
  openDevice,
  readChanges,
  send,
  sendMany,
  SHOP,
  type OpenStore,
} from './store-under-test.js'

const RECALL = { sender: SHOP, at: AT, limit: 10 }

export function describeCollapseKeys(open: OpenStore): void {
  describe('collapse keys', () => {
    test('P1: a newer one takes the place of the older one with its key, at the next seq', async () => {
      await using opened = await open()
      const { store } = opened
      const first = await send(store, 'alice', { title: 'old', collapseKey: 'k' })
      await sendMany(store, 'alice', 1)
      await markIds(store, 'alice', 'archived', [first.receipt.id])

      const second = await send(store, 'alice', { title: 'new', collapseKey: 'k' })
      expect(second).toMatchObject({ receipt: { seq: 4, recipients: { total: 1, stored: 1 } } })
      expect(await logOf(store, 'alice')).toEqual(['2 1', '4 new'])
      expect(await inboxOf(store, 'alice')).toEqual(['new', '1'])
      expect(await store.entry({ user: 'alice', id: first.receipt.id })).toBeUndefined()
      expect(await store.entry({ user: 'alice', id: second.receipt.id })).toMatchObject({
        seq: 4,
        arrivedSeq: 4,
        seenAt: null,
        readAt: null,
        archivedAt: null,
      })
    })

    test('P2: the counts lose what the older one counted for, and gain the newer one', async () => {
      await using opened = await open()
      const { store } = opened
      const told: string[] = []
      for (const action of [undefined, 'seen', 'read', 'archived'] as const) {
        const { receipt, arrivals } = await send(store, 'alice', { collapseKey: 'k' })
        told.push(arrivals.map(({ unread, unseen }) => `${unread} ${unseen}`).join())
        if (action) await markIds(store, 'alice', action, [receipt.id])
      }
      expect(told).toEqual(['1 1', '1 1', '1 1', '1 1'])
      await send(store, 'alice', { collapseKey: 'k' })
      expect(await headOf(store, 'alice')).toBe('latest 8, horizon 0, unread 1, unseen 1')
    })

    test('P3: keys belong to a user, those that differ at all are different, and none replaces none', async () => {
      await using opened = await open()
      const { store } = opened
      const plain = ['k', 'K', 'k ', '1', '01', `'`, '%', '_', 'é', 'e\u0301', 'x'.repeat(128)]
      const keys = [...plain, ...AWKWARD]
      for (const collapseKey of keys) await send(store, 'alice', { title: 'a', collapseKey })
      await sendMany(store, 'alice', 2)
      await send(store, 'bob', { title: 'b', collapseKey: 'k' })
      expect(await inboxOf(store, 'alice')).toHaveLength(keys.length + 2)
      // One that is for both takes each one's place.
      await send(store, ['alice', 'bob', 'carol'], { title: 'all', collapseKey: 'k' })
      expect(await inboxOf(store, 'alice')).toHaveLength(keys.length + 2)
      expect(await inboxOf(store, 'bob')).toEqual(['all'])
      expect(await inboxOf(store, 'carol')).toEqual(['all'])
    })

    test('P3: a key is told with whatever is removed as it was given', async () => {
      await using opened = await open()
      const { store } = opened
      for (const collapseKey of AWKWARD) {
        const expiresAt = AT + 1
        const recalled = await send(store, 'alice', { collapseKey })
        const outcome = await store.recall({ ...RECALL, id: recalled.receipt.id })
        expect(outcome).toMatchObject({ removals: [{ collapseKey }] })
        await send(store, 'alice', { collapseKey, expiresAt })
        expect(await store.expire({ at: expiresAt, limit: 10 })).toMatchObject([{ collapseKey }])
      }
      const { entries } = await readChanges(store, { user: 'alice', after: 0, ...ALL })
      expect(entries).toMatchObject(
        AWKWARD.map((collapseKey) => ({ kind: 'removed', collapseKey, reason: 'expired' })),
      )
    })

    test('P3: a key of any characters is the same at once, when it is due, and in a fan-out', async () => {
      await using opened = await open()
      const { store } = opened
      await openDevice(store, 'alice', 'phone')
      for (const collapseKey of AWKWARD) {
        await send(store, 'alice', { title: 'now', collapseKey })
        await send(store, 'alice', { title: 'due', collapseKey, dueAt: AT + 1 })
        await store.fire({ at: AT + 1, limit: 10 })
        await send(store, EVERYONE, { title: 'wide', collapseKey })
        await stepAll(store)
      }
      expect(await inboxOf(store, 'alice')).toEqual(AWKWARD.map(() => 'wide'))
    })

    test('P4: what was replaced tells so, with when it was seen and read; delivered stays delivered', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'], { collapseKey: 'k' })
      for (const device of ['phone', 'laptop']) await openDevice(store, 'alice', device)
      await acknowledge(store, 'alice', 'phone', 1, AT + 1)
      await markIds(store, 'alice', 'read', [receipt.id], AT + 2)
      await send(store, 'alice', { collapseKey: 'k' })

      expect(await deliveriesOf(store, receipt.id)).toEqual([
        'alice laptop replaced',
        'alice phone delivered',
        'bob - pending',
      ])
      const { items } = await deliveriesPage(store, receipt.id)
      const time = new Date(AT + 2).toISOString()
      expect(items[1]).toMatchObject({ device: 'laptop', seenAt: time, readAt: time })
      // An acknowledgement that comes later covers the newer one alone.
      await acknowledge(store, 'alice', 'laptop', 3)
      expect(await deliveriesOf(store, receipt.id)).toContain('alice laptop replaced')
      expect(await store.notification(known(receipt.id))).toMatchObject({
        status: 'stored',
        recipients: { total: 2, stored: 2 },
      })
    })

    test('P5: a tombstone gives its place to a newer one with its key, and stays what it was', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { title: 'old', collapseKey: 'k' })
      await recalled(store, receipt.id)
      expect(await logOf(store, 'alice')).toEqual(['2 - recalled'])
      await send(store, 'alice', { title: 'new', collapseKey: 'k' })
      expect(await logOf(store, 'alice')).toEqual(['3 new'])
      expect(await headOf(store, 'alice')).toBe('latest 3, horizon 0, unread 1, unseen 1')
      expect(await deliveriesOf(store, receipt.id)).toEqual(['alice - recalled'])
    })

    test('P6: a fan-out that comes to a newer one stores nothing there and is replaced there', async () => {
      await using opened = await open()
      const { store } = opened
      for (const user of ['alice', 'bob', 'carol']) await openDevice(store, user, 'phone')
      const wide = await send(store, EVERYONE, { title: 'wide', collapseKey: 'k' })
      await send(store, 'alice', { title: 'newer', collapseKey: 'k' })
      const gone = await send(store, 'bob', { title: 'newer and gone', collapseKey: 'k' })
      await recalled(store, gone.receipt.id)

      expect(reachedBy(await stepAll(store))).toEqual([['carol 1']])
      expect(await logOf(store, 'alice')).toEqual(['1 newer'])
      expect(await logOf(store, 'bob')).toEqual(['2 - recalled'])
      expect(await headOf(store, 'alice')).toBe('latest 1, horizon 0, unread 1, unseen 1')
      expect(await deliveriesOf(store, wide.receipt.id)).toEqual([
        'alice phone replaced',
        'bob phone replaced',
        'carol phone pending',
      ])
      expect(await store.notification(known(wide.receipt.id))).toMatchObject({
        recipients: { total: 3, stored: 1 },
      })
    })

    test('P7: of forty at once the last that was accepted stays, and a reader has that one alone', async () => {
      await using opened = await open()
      const { store } = opened
      await openDevice(store, 'alice', 'phone')
      const sent = await Promise.all(
        numbers(1, 40).map((number) =>
          send(store, 'alice', { title: String(number), collapseKey: 'k' }),
        ),
      )
      expect(sent.map(({ arrivals }) => arrivals[0]?.unread)).toEqual(sent.map(() => 1))
      const last = sent.find(({ receipt }) => receipt.seq === 40)?.receipt.id ?? ''
      const title = String(sent.findIndex(({ receipt }) => receipt.id === last) + 1)
      expect(await logOf(store, 'alice')).toEqual([`40 ${title}`])
    })

    test('P8: what had expired before it was replaced has ended as expired', async () => {
      await using opened = await open()
      const { store } = opened
      const options = { collapseKey: 'k', expiresAt: AT + 1_000 }
      const first = await send(store, 'alice', options)
      const second = await send(store, 'alice', { ...options, at: AT + 999 })
      await send(store, 'alice', { collapseKey: 'k', at: AT + 1_000 })
      expect(await deliveriesOf(store, first.receipt.id)).toEqual(['alice - replaced'])
      expect(await deliveriesOf(store, second.receipt.id)).toEqual(['alice - expired'])
      expect(await headOf(store, 'alice')).toBe('latest 3, horizon 0, unread 1, unseen 1')
    })
  })
}
