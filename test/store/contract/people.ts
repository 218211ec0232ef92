import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import type { DeliveriesStep, RemovedDevice } from '../../../src/inbox/stores/people.js'
import type { SendReceipt } from '../../../src/protocol/send.js'
import {
  acknowledgeAll,
  devicesOf,
  inboxOf,
  NOW,
  open as openDevice,
  sendTo,
  eraseWhole,
} from './people-fixture.js'
import { SHOP, type OpenStore } from './store-under-test.js'

/** Takes every step of at most `limit` rows of forgetting what was delivered to a device. */
async function forgetAll(store: Store, { user, device }: RemovedDevice, limit: number) {
  let from: DeliveriesStep | undefined
  let steps = 0
  do {
    ;({ next: from } = await store.forgetDeliveries({ user, device, from, limit }))
    steps += 1
  } while (from)
  return steps
}

function receiptOf(id: string): SendReceipt {
  const time = new Date(NOW).toISOString()
  const recipients = { total: 1, stored: 0 }
  return { id, status: 'sent', recipients, createdAt: time, expiresAt: time }
}

async function statusesOf(store: Store, id: string): Promise<string[]> {
  const query = { id, at: NOW, keptAfter: 0, after: undefined, limit: 100 }
  const { items = [] } = (await store.deliveries(query)) ?? {}
  return items.map(({ user, device, status }) => `${user} ${device ?? '-'} ${status}`).toSorted()
}

export function describePeople(open: OpenStore): void {
  describe('people', () => {
    test('U1: lists the devices of a user, page by page', async () => {
      await using opened = await open()
      const { store } = opened
      await sendTo(store, 'alice', 'a')
      for (const device of ['phone', 'laptop', 'tablet']) await openDevice(store, 'alice', device)
      await openDevice(store, 'bob', 'other')
      await acknowledgeAll(store, 'alice', 'laptop', NOW + 5)
      const all = { user: 'alice', device: undefined, limit: 2 }
      const first = await store.devices({ ...all, after: undefined })
      expect(first).toMatchObject({
        items: [
          { device: 'phone', cursor: 0, createdAt: NOW, lastSeenAt: NOW },
          { device: 'laptop', cursor: 1, createdAt: NOW, lastSeenAt: NOW + 5 },
        ],
        latest: 1,
      })
      const second = await store.devices({ ...all, after: first.next })
      expect(second.items.map(({ device }) => device)).toEqual(['tablet'])
      expect(second.next).toBeUndefined()
      const one = await store.devices({ ...all, device: 'laptop', after: undefined })
      expect(one.items.map(({ device }) => device)).toEqual(['laptop'])
      expect(await store.devices({ ...all, user: 'nobody', after: undefined })).toEqual({
        items: [],
        latest: 0,
        next: undefined,
      })
    })

    test('U2: a device is seen forward only, in its own epoch, and not made', async () => {
      await using opened = await open()
      const { store } = opened
      const { epoch } = await openDevice(store, 'alice', 'phone')
      const seen = async (): Promise<number | undefined> => {
        const query = { user: 'alice', device: 'phone', after: undefined, limit: 1 }
        return (await store.devices(query)).items[0]?.lastSeenAt
      }
      const phone = { user: 'alice', device: 'phone' }
      await store.seeDevice({ ...phone, epoch, at: NOW + 10 })
      await store.seeDevice({ ...phone, epoch, at: NOW + 5 })
      await store.seeDevice({ ...phone, epoch: 'another', at: NOW + 20 })
      expect(await seen()).toBe(NOW + 10)
      await store.seeDevice({ ...phone, epoch: undefined, at: NOW + 30 })
      expect(await seen()).toBe(NOW + 30)
      await store.seeDevice({ user: 'alice', device: 'none', epoch, at: NOW })
      await store.seeDevice({ user: 'nobody', device: 'none', epoch: undefined, at: NOW })
      expect(await devicesOf(store, 'alice')).toEqual(['phone'])
      expect(await store.latest(['nobody'])).toEqual(new Map())
    })

    test('U3: a device that is removed is new when it opens again', async () => {
      await using opened = await open()
      const { store } = opened
      await sendTo(store, 'alice', 'a')
      await openDevice(store, 'alice', 'phone')
      await acknowledgeAll(store, 'alice', 'phone')
      const phone = { user: 'alice', device: 'phone' }
      expect(await store.removeDevice({ ...phone, unseenSince: NOW })).toBeUndefined()
      expect(await store.removeDevice({ ...phone, unseenSince: NOW + 1 })).toMatchObject({
        name: 'phone',
      })
      expect(await store.removeDevice({ ...phone, unseenSince: undefined })).toBeUndefined()
      expect(await devicesOf(store, 'alice')).toEqual([])
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 0, position: 0 })
    })

    test('U4: what was delivered to a device that is gone is forgotten, and to no other', async () => {
      await using opened = await open()
      const { store } = opened
      const ids: string[] = []
      for (let number = 0; number < 7; number++) {
        ids.push(await sendTo(store, ['alice', 'bob'], `${number}`, { collapseKey: `k${number}` }))
      }
      for (const [user, device] of [
        ['alice', 'phone'],
        ['alice', 'laptop'],
        ['bob', 'phone'],
      ] as const) {
        await openDevice(store, user, device)
        await acknowledgeAll(store, user, device)
      }
      // What was replaced has left the inbox, and its deliveries with it to the outcomes.
      for (let number = 0; number < 3; number++) {
        await sendTo(store, 'alice', 'newer', { collapseKey: `k${number}` })
      }
      const removed = await store.removeDevice({
        user: 'alice',
        device: 'phone',
        unseenSince: undefined,
      })
      if (!removed) throw new Error('the device was not known')
      expect(await forgetAll(store, removed, 2)).toBeGreaterThan(4)
      // Only a device of that number would show them: the next one by the name has another.
      await openDevice(store, 'alice', 'phone')
      for (const id of ids) {
        const statuses = await statusesOf(store, id)
        expect(statuses).toContain('alice laptop delivered')
        expect(statuses).toContain('bob phone delivered')
        expect(statuses).not.toContain('alice phone delivered')
      }
    })

    test('U5: a new device beyond the bound makes the one go that was seen least recently', async () => {
      await using opened = await open()
      const { store } = opened
      for (const [index, device] of ['a', 'b', 'c'].entries()) {
        await openDevice(store, 'alice', device, { at: NOW + index })
      }
      const room = { maxDevices: 3 }
      const known = await openDevice(store, 'alice', 'a', { at: NOW + 3, ...room })
      expect(known.evicted).toEqual([])
      const fourth = await openDevice(store, 'alice', 'd', { at: NOW + 4, ...room })
      expect(fourth.evicted.map(({ name }) => name)).toEqual(['b'])
      const fifth = await openDevice(store, 'alice', 'e', {
        at: NOW + 5,
        ...room,
        online: ['c', 'a'],
      })
      expect(fifth.evicted.map(({ name }) => name)).toEqual(['d'])
      expect(await devicesOf(store, 'alice')).toEqual(['a', 'c', 'e'])
      const last = await openDevice(store, 'alice', 'f', { maxDevices: 1, online: ['a', 'c', 'e'] })
      expect(last.evicted.map(({ name }) => name).toSorted()).toEqual(['a', 'c', 'e'])
      expect(await devicesOf(store, 'alice')).toEqual(['f'])
    })

    test('U6: finds devices that were not seen since a time, however the walk is cut', async () => {
      await using opened = await open()
      const { store } = opened
      for (let number = 0; number < 6; number++) {
        await openDevice(store, `user${number % 2}`, `d${number}`, { at: NOW + number })
      }
      for (const limit of [1, 2, 4, 100]) {
        const found: string[] = []
        for (let after: number | undefined = 0; after !== undefined;) {
          const page: Awaited<ReturnType<Store['unseenDevices']>> = await store.unseenDevices({
            after,
            limit,
            since: NOW + 3,
          })
          found.push(...page.devices.map(({ user, device }) => `${user} ${device}`))
          after = page.next
        }
        expect(found).toEqual(['user0 d0', 'user1 d1', 'user0 d2'])
      }
    })

    test('U7: nobody is subscribed to a topic that has no subscribers', async () => {
      await using opened = await open()
      const { store } = opened
      await openDevice(store, 'alice', 'phone')
      expect(await store.subscribed({ topic: 'news', users: ['alice', 'nobody'] })).toEqual([])
      expect(await store.subscribed({ topic: 'news', users: [] })).toEqual([])
    })

    test('U8: keeps the first receipt of a key, in the key space of sends', async () => {
      await using opened = await open()
      const { store } = opened
      const [first, second] = [
        '01890a5d-ac96-774b-bcce-b302099a8057',
        '01890a5d-ac96-774b-bcce-b302099a8058',
      ].map(receiptOf)
      if (!first || !second) throw new Error('two receipts')
      const idempotency = { key: 'k', fingerprint: 'f' }
      const command = { sender: SHOP, idempotency, at: NOW }
      expect(await store.keepReceipt({ ...command, receipt: first })).toEqual({ kind: 'kept' })
      expect(await store.keepReceipt({ ...command, receipt: second })).toEqual({
        kind: 'replayed',
        receipt: first,
      })
      const other = { ...command, idempotency: { key: 'k', fingerprint: 'g' }, receipt: second }
      expect(await store.keepReceipt(other)).toEqual({ kind: 'key_reused' })
      await expect(sendTo(store, 'alice', 'a', { key: 'k' })).rejects.toThrow('key_reused')
      const reopened = await opened.reopen()
      expect(await reopened.keepReceipt({ ...command, receipt: second })).toMatchObject({
        kind: 'replayed',
      })
      const dayLater = { ...command, at: NOW + 24 * 60 * 60 * 1000, receipt: second }
      expect(await reopened.keepReceipt(dayLater)).toEqual({ kind: 'kept' })
    })

    test('U9: an erased user is gone at the first step, and another life begins at another epoch', async () => {
      await using opened = await open()
      const { store } = opened
      const id = await sendTo(store, 'alice', 'a')
      const { epoch } = await openDevice(store, 'alice', 'phone')
      const begun = await store.erase({ user: 'alice', limit: 100 })
      expect(begun).toMatchObject({ kind: 'erased', epoch })
      expect(await store.head('alice')).toMatchObject({ latest: 0, unread: 0 })
      expect(await store.entry({ user: 'alice', id })).toBeUndefined()
      expect(await devicesOf(store, 'alice')).toEqual([])
      expect(await store.due(NOW)).toMatchObject({ erasures: true })

      // Who comes meanwhile is of the next life, which no purge touches.
      await sendTo(store, 'alice', 'anew')
      const { epoch: next } = await openDevice(store, 'alice', 'phone')
      expect(next).not.toBe(epoch)
      while ((await store.purge({ limit: 1 })).more);
      expect(await inboxOf(store, 'alice')).toEqual(['anew'])
      expect(await devicesOf(store, 'alice')).toEqual(['phone'])
      expect(await store.due(NOW)).toMatchObject({ erasures: false })
      await eraseWhole(store, 'alice')
      expect((await store.head('alice')).epoch).not.toBe(next)
    })

    test('U10: what others have stays as it is, and everyone is one less', async () => {
      await using opened = await open()
      const { store } = opened
      const id = await sendTo(store, ['alice', 'bob'], 'shared')
      await openDevice(store, 'bob', 'phone')
      await acknowledgeAll(store, 'bob', 'phone')
      const { epoch } = await store.head('bob')
      await store.erase({ user: 'alice', limit: 100 })
      const toAll = await sendTo(store, { kind: 'everyone' }, 'to all')
      const known = { id: toAll, at: NOW, keptAfter: 0 }
      expect((await store.notification(known))?.recipients.total).toBe(1)
      const step = await store.stepFanOut({ at: NOW, limit: 10 })
      expect(step).toMatchObject({ kind: 'delivered', arrivals: [{ user: 'bob', seq: 2 }] })
      while ((await store.purge({ limit: 2 })).more);
      expect(await inboxOf(store, 'bob')).toEqual(['to all', 'shared'])
      expect(await statusesOf(store, id)).toEqual(['bob phone delivered'])
      expect(await store.head('bob')).toMatchObject({ epoch, latest: 2, unread: 2 })
    })

    test('U11: what was under way in the former life changes nothing', async () => {
      await using opened = await open()
      const { store } = opened
      const id = await sendTo(store, 'alice', 'a')
      const { epoch } = await openDevice(store, 'alice', 'phone')
      await eraseWhole(store, 'alice')
      const phone = { user: 'alice', device: 'phone', epoch }
      const late = async () => {
        expect(await store.acknowledge({ ...phone, seq: 1, at: NOW })).toEqual({
          kind: 'other_epoch',
        })
        await store.seeDevice({ ...phone, at: NOW + 9 })
        for (const entries of [
          { kind: 'ids' as const, ids: [id] },
          { kind: 'upTo' as const, after: 0, upTo: 1, epoch, type: undefined },
        ]) {
          const mark = { user: 'alice', action: 'read' as const, at: NOW, limit: 10, entries }
          expect((await store.mark(mark)).moved).toEqual([])
        }
      }
      await late()
      expect(await store.latest(['alice'])).toEqual(new Map())
      await sendTo(store, 'alice', 'anew')
      await openDevice(store, 'alice', 'phone')
      await late()
      expect(await store.head('alice')).toMatchObject({ latest: 1, unread: 1 })
      const [device] = (
        await store.devices({ user: 'alice', device: undefined, after: undefined, limit: 1 })
      ).items
      expect(device).toMatchObject({ cursor: 0, lastSeenAt: NOW })
    })

    test('U12: to erase who is not known takes what is scheduled for that name', async () => {
      await using opened = await open()
      const { store } = opened
      const { epoch } = await store.head('nobody')
      const dueAt = NOW + 1_000
      const own: string[] = []
      for (let number = 0; number < 5; number++) {
        own.push(await sendTo(store, 'nobody', 'own', { dueAt }))
      }
      const shared = await sendTo(store, ['nobody', 'bob'], 'shared', { dueAt })
      expect(await eraseWhole(store, 'nobody', 2)).toBe(4)
      for (const id of own) {
        expect(await store.notification({ id, at: NOW, keptAfter: 0 })).toBeUndefined()
      }
      expect(await store.notification({ id: shared, at: NOW, keptAfter: 0 })).toMatchObject({
        status: 'scheduled',
        recipients: { total: 1 },
      })
      await store.fire({ at: dueAt, limit: 10 })
      expect(await inboxOf(store, 'bob')).toEqual(['shared'])
      expect(await store.latest(['nobody'])).toEqual(new Map())
      expect((await store.head('nobody')).epoch).toBe(epoch)
    })
  })
}
