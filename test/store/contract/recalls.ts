import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import { expireAll, headOf, inboxOf, logOf, reachedBy, recall, recalled, stepAll } from './steps.js'
import {
  acknowledge,
  ALL,
  AT,
  AWKWARD,
  deliveriesOf,
  EVERYONE,
  known,
  markIds,
  numbers,
  openDevice,
  send,
  sendMany,
  type OpenStore,
  readChanges,
} from './store-under-test.js'

export function describeRecalls(open: OpenStore): void {
  describe('recalling', () => {
    test('B1: what is not known, or is another service’s, is unknown, and nothing changes', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { title: 'stays' })
      const others = [
        { issuer: '', subject: 'billing' },
        { issuer: 'https://other.example', subject: 'shop' },
        { issuer: 'shop', subject: '' },
      ]
      for (const sender of others) {
        expect(await recall(store, receipt.id, { sender })).toStrictEqual({ kind: 'unknown' })
      }
      expect(await recall(store, uuidv7())).toStrictEqual({ kind: 'unknown' })
      expect(await logOf(store, 'alice')).toEqual(['1 stays'])
      expect(await store.notification(known(receipt.id))).toMatchObject({ status: 'stored' })
    })

    test('B1: services whose names differ at all are different ones, whatever characters they have', async () => {
      await using opened = await open()
      const { store } = opened
      const senders = AWKWARD.map((subject) => ({ issuer: '', subject }))
      for (const sender of senders) {
        const ids: string[] = []
        for (const dueAt of [undefined, AT + 1]) {
          ids.push((await send(store, 'alice', { sender, dueAt })).receipt.id)
        }
        for (const id of ids) {
          for (const other of senders.filter((each) => each !== sender)) {
            expect(await recall(store, id, { sender: other })).toStrictEqual({ kind: 'unknown' })
          }
          expect(await recall(store, id, { sender })).toMatchObject({ kind: 'recalled' })
        }
      }
    })

    test('B2: it becomes a tombstone at the next seq of each user that has it, and the counts lose it', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob', 'carol'], { collapseKey: 'k' })
      await sendMany(store, 'alice', 1)
      await markIds(store, 'bob', 'archived', [receipt.id])
      await markIds(store, 'carol', 'seen', [receipt.id])
      const { removals, ...outcome } = await recalled(store, receipt.id, { at: AT + 5 })
      expect(outcome).toStrictEqual({
        kind: 'recalled',
        receipt: { id: receipt.id, status: 'recalled', recipients: { total: 3, stored: 3 } },
        pending: false,
      })
      const tombstone = { id: receipt.id, collapseKey: 'k', reason: 'recalled' }
      expect(removals).toStrictEqual([
        { user: 'alice', seq: 3, ...tombstone, unread: 1, unseen: 1 },
        { user: 'bob', seq: 3, ...tombstone, unread: 0, unseen: 0 },
        { user: 'carol', seq: 3, ...tombstone, unread: 0, unseen: 0 },
      ])
      expect(await inboxOf(store, 'alice')).toEqual(['1'])
      expect(await logOf(store, 'alice')).toEqual(['2 1', '3 - recalled'])
      expect(await headOf(store, 'alice')).toBe('latest 3, horizon 0, unread 1, unseen 1')
      expect(await store.entry({ user: 'bob', id: receipt.id })).toBeUndefined()
      const overview = await store.notification(known(receipt.id))
      expect(overview).toMatchObject({ status: 'recalled', recipients: { total: 3, stored: 3 } })
    })

    test('B3: a second time it gives the same receipt and moves nothing', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'])
      const first = await recalled(store, receipt.id)
      const before = await headOf(store, 'alice')
      expect(await recalled(store, receipt.id)).toStrictEqual({ ...first, removals: [] })
      expect(await headOf(store, 'alice')).toBe(before)
    })

    test('B4: what was replaced stays replaced, and what had expired has ended as expired', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob', 'carol'], {
        collapseKey: 'k',
        expiresAt: AT + 1_000,
      })
      await send(store, 'alice', { title: 'newer', collapseKey: 'k' })
      await recalled(store, receipt.id, { at: AT + 10 })
      expect(await inboxOf(store, 'alice')).toEqual(['newer'])
      expect(await expireAll(store, AT + 1_000)).toEqual([])
      const rows = ['alice - replaced', 'bob - recalled', 'carol - recalled']
      expect(await deliveriesOf(store, receipt.id, AT + 2_000)).toEqual(rows)

      const other = await send(store, 'alice', { expiresAt: AT + 1_000 })
      const { removals } = await recalled(store, other.receipt.id, { at: AT + 1_000 })
      expect(removals).toMatchObject([{ user: 'alice', reason: 'expired' }])
      expect(await deliveriesOf(store, other.receipt.id)).toEqual(['alice - expired'])
    })

    test('B5: of more inboxes than its limit it is taken out by the steps of fan-outs, each at most once', async () => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, 7).map((number) => `user-${number}`)
      const { receipt } = await send(store, users)
      const outcome = await recalled(store, receipt.id, { limit: 6 })
      expect(outcome).toMatchObject({ removals: [], pending: true })
      expect(outcome.receipt).toMatchObject({ status: 'recalled', recipients: { stored: 7 } })
      expect((await store.due(AT)).fanOuts).toBe(true)
      expect(await recalled(store, receipt.id)).toStrictEqual(outcome)

      const step = () => store.stepFanOut({ at: AT, limit: 3 })
      expect(await step()).toMatchObject({
        kind: 'recalled',
        removals: [{ user: 'user-1', seq: 2, id: receipt.id, unread: 0 }, {}, {}],
      })
      // It goes on after a restart, while others write, and meets no one twice.
      await send(store, 'user-2')
      const reopened = await opened.reopen()
      const steps = await stepAll(reopened, AT, 3)
      expect(reachedBy(steps).flat()).toEqual(['user-4 2', 'user-5 2', 'user-6 2', 'user-7 2'])
      expect((await reopened.due(AT)).fanOuts).toBe(false)
      expect(await recalled(reopened, receipt.id)).toStrictEqual({ ...outcome, pending: false })
      expect(await deliveriesOf(reopened, receipt.id)).toEqual(
        users.map((user) => `${user} - recalled`),
      )

      const exact = await send(reopened, users)
      const { removals, pending } = await recalled(reopened, exact.receipt.id, { limit: 7 })
      expect([removals.length, pending]).toEqual([7, false])
    })

    test.each([
      ['at once', 9],
      ['in steps', 1],
    ])(
      'B6: a fan-out that is half-way stops, and those it has reached lose it %s',
      async (_, limit) => {
        await using opened = await open()
        const { store } = opened
        const users = ['alice', 'bob', 'carol', 'dave']
        for (const user of users) await openDevice(store, user, 'phone')
        const { receipt } = await send(store, EVERYONE)
        await store.stepFanOut({ at: AT, limit: 2 })
        const outcome = await recalled(store, receipt.id, { limit })
        expect(outcome.receipt.recipients).toEqual({ total: 4, stored: 2 })
        await stepAll(store)
        expect(await logOf(store, 'alice')).toEqual(['2 - recalled'])
        expect(await logOf(store, 'bob')).toEqual(['2 - recalled'])
        expect(await store.latest(users)).toEqual(
          new Map([
            ['alice', 2],
            ['bob', 2],
            ['carol', 0],
            ['dave', 0],
          ]),
        )
        expect(await store.notification(known(receipt.id))).toMatchObject({
          status: 'recalled',
          recipients: { total: 4, stored: 2 },
        })
        expect(await deliveriesOf(store, receipt.id)).toEqual([
          'alice phone recalled',
          'bob phone recalled',
        ])
      },
    )

    test('B7: whoever has it and whoever does not are told alike that it was removed', async () => {
      await using opened = await open()
      const { store } = opened
      for (const device of ['has', 'not']) await openDevice(store, 'alice', device)
      const { receipt } = await send(store, 'alice', { collapseKey: 'k' })
      await acknowledge(store, 'alice', 'has', 1)
      await recalled(store, receipt.id)
      const change = {
        kind: 'removed',
        seq: 2,
        id: receipt.id,
        collapseKey: 'k',
        reason: 'recalled',
      }
      const readers = [
        undefined,
        { device: 'has', startedAt: 1 },
        { device: 'has', startedAt: 0, whole: true },
        { device: 'not', startedAt: 0 },
        { device: 'unknown', startedAt: 2 },
      ]
      for (const reader of readers) {
        const page = await readChanges(store, { user: 'alice', reader, after: 0, ...ALL })
        expect(page.entries).toStrictEqual([change])
      }
      await acknowledge(store, 'alice', 'not', 2)
      expect(await deliveriesOf(store, receipt.id)).toEqual([
        'alice has delivered',
        'alice not recalled',
      ])
    })
  })
}
