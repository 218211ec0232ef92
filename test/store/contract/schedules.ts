import { describe, expect, test } from 'vitest'
import { IDEMPOTENCY_MS, type Store } from '../../../src/inbox/store.js'
import {
  expireAll,
  fireAll,
  headOf,
  inboxOf,
  logOf,
  reachedBy,
  recall,
  recalled,
  stepAll,
} from './steps.js'
import {
  AT,
  contentOf,
  deliveriesOf,
  EVERYONE,
  known,
  numbers,
  openDevice,
  send,
  sendCommand,
  titlesOf,
  type OpenStore,
} from './store-under-test.js'

/** When most of what is scheduled here is due. */
const DUE = AT + 60_000

async function statusOf(store: Store, id: string, at = AT): Promise<string | undefined> {
  return (await store.notification(known(id, at)))?.status
}

export function describeSchedules(open: OpenStore): void {
  describe('schedules', () => {
    test('W1: what is scheduled is in no log, and makes no user, until it is fired', async () => {
      await using opened = await open()
      const { store } = opened
      const one = await send(store, 'alice', { dueAt: DUE, expiresAt: DUE + 1_000, data: 1 })
      expect(one).toStrictEqual({
        kind: 'accepted',
        receipt: {
          id: one.receipt.id,
          status: 'scheduled',
          recipients: { total: 1, stored: 0 },
          createdAt: new Date(AT).toISOString(),
          expiresAt: new Date(DUE + 1_000).toISOString(),
        },
        arrivals: [],
      })
      const several = await send(store, ['bob', 'alice'], { dueAt: DUE })
      const wide = await send(store, EVERYONE, { dueAt: DUE })
      for (const [{ receipt }, total] of [
        [one, 1],
        [several, 2],
        [wide, 0],
      ] as const) {
        expect(await store.notification(known(receipt.id))).toMatchObject({
          id: receipt.id,
          status: 'scheduled',
          recipients: { total, stored: 0 },
        })
        expect(await deliveriesOf(store, receipt.id)).toEqual([])
      }
      expect(await store.latest(['alice', 'bob'])).toEqual(new Map())
      expect(await headOf(store, 'alice')).toBe('latest 0, horizon 0, unread 0, unseen 0')
      expect(await fireAll(store, DUE - 1)).toEqual([])
      expect(await stepAll(store)).toEqual([])
    })

    test('W2: they fire in the order of their times, then of their acceptance, at most so many at once', async () => {
      await using opened = await open()
      const { store } = opened
      const schedule = (title: string, dueAt: number) => send(store, 'alice', { title, dueAt })
      await schedule('third', DUE + 2)
      await schedule('first', DUE)
      await schedule('second', DUE)
      await schedule('later', DUE + 3)
      const isDue = async (at: number) => (await store.due(at)).scheduled
      expect([await isDue(DUE - 1), await isDue(DUE)]).toEqual([false, true])

      const [fired, ...others] = await store.fire({ at: DUE + 2, limit: 1 })
      expect(others).toEqual([])
      expect(fired && contentOf(fired).title).toBe('first')
      expect(fired?.arrivals).toEqual([{ user: 'alice', seq: 1, unread: 1, unseen: 1 }])
      expect(titlesOf(await fireAll(store, DUE + 2))).toEqual(['second', 'third'])
      expect(await isDue(DUE + 2)).toBe(false)
      expect(await fireAll(store, DUE + 2)).toEqual([])
      expect(await logOf(store, 'alice')).toEqual(['1 first', '2 second', '3 third'])
    })

    test('W3: it keeps the time at which it was sent, and is as new as its firing', async () => {
      await using opened = await open()
      const { store } = opened
      const early = { title: 'scheduled first', dueAt: DUE, collapseKey: 'k' }
      const { receipt } = await send(store, 'alice', early)
      await send(store, 'alice', { title: 'sent later', at: AT + 5, collapseKey: 'k' })
      const [fired] = await fireAll(store, DUE)
      expect(fired && contentOf(fired).createdAt).toBe(new Date(AT).toISOString())
      expect(await inboxOf(store, 'alice')).toEqual(['scheduled first'])
      expect(await statusOf(store, receipt.id)).toBe('stored')
      await send(store, 'alice', { title: 'sent after it fired', at: DUE, collapseKey: 'k' })
      expect(await inboxOf(store, 'alice')).toEqual(['sent after it fired'])
      // A fan-out that was accepted before the firing is older, too.
      await send(store, EVERYONE, { title: 'wide', collapseKey: 'k' })
      await send(store, 'alice', { ...early, title: 'fired meanwhile' })
      await fireAll(store, DUE)
      expect(reachedBy(await stepAll(store))).toEqual([[]])
      expect(await inboxOf(store, 'alice')).toEqual(['fired meanwhile'])
    })

    test('W4: the firing makes the users that are new, and each gets it once', async () => {
      await using opened = await open()
      const { store } = opened
      await send(store, 'bob')
      const { receipt } = await send(store, ['carol', 'bob', 'alice'], { dueAt: DUE })
      const [fired] = await fireAll(store, DUE + 5)
      const arrivals = fired?.arrivals.map(({ user, seq }) => `${user} ${seq}`)
      expect(arrivals?.toSorted()).toEqual(['alice 1', 'bob 2', 'carol 1'])
      expect(await store.notification(known(receipt.id))).toMatchObject({
        status: 'stored',
        recipients: { total: 3, stored: 3 },
      })
      expect(await deliveriesOf(store, receipt.id)).toEqual([
        'alice - pending',
        'bob - pending',
        'carol - pending',
      ])
    })

    test('W5: what has outlived itself before it could fire is stored nowhere, and has expired', async () => {
      await using opened = await open()
      const { store } = opened
      await openDevice(store, 'bob', 'phone')
      const options = { dueAt: DUE, expiresAt: DUE + 1_000 }
      const one = await send(store, 'alice', options)
      const wide = await send(store, EVERYONE, options)
      const store2 = await opened.reopen()
      const fired = await fireAll(store2, DUE + 1_000)
      expect(fired.map(({ arrivals }) => arrivals)).toEqual([[], []])
      expect(await stepAll(store2, DUE + 1_000)).toEqual([])
      // It makes the user whom it names, as its arrival would have.
      const logs = Object.entries({ alice: 0, bob: 0 })
      expect(await store2.latest(['alice', 'bob'])).toEqual(new Map(logs))
      for (const [{ receipt }, deliveries, total] of [
        [one, ['alice - expired'], 1],
        [wide, [], 2],
      ] as const) {
        expect(await statusOf(store2, receipt.id, DUE + 1_000)).toBe('expired')
        expect(await deliveriesOf(store2, receipt.id, DUE + 1_000)).toEqual(deliveries)
        expect((await store2.notification(known(receipt.id)))?.recipients).toEqual({
          total,
          stored: 0,
        })
      }
    })

    test('W6: what was recalled never fires, and only its own service can recall it', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'], { dueAt: DUE })
      const other = { issuer: 'https://other.example', subject: 'shop' }
      expect(await recall(store, receipt.id, { sender: other })).toEqual({ kind: 'unknown' })
      const outcome = await recalled(store, receipt.id, { at: AT + 5 })
      expect(outcome).toStrictEqual({
        kind: 'recalled',
        receipt: { id: receipt.id, status: 'recalled', recipients: { total: 2, stored: 0 } },
        removals: [],
        pending: false,
      })
      expect(await fireAll(store, DUE)).toEqual([])
      expect((await store.due(DUE)).scheduled).toBe(false)
      expect(await statusOf(store, receipt.id)).toBe('recalled')
      expect(await deliveriesOf(store, receipt.id)).toEqual(['alice - recalled', 'bob - recalled'])
      expect(await recalled(store, receipt.id, { at: DUE })).toStrictEqual(outcome)
      const logs = Object.entries({ alice: 0, bob: 0 })
      expect(await store.latest(['alice', 'bob'])).toEqual(new Map(logs))
    })

    test('W6: what was recalled is known for as long as what was sent at that time', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { dueAt: DUE })
      await recalled(store, receipt.id, { at: AT + 1_000 })
      const query = { id: receipt.id, at: DUE }
      expect(await store.notification({ ...query, keptAfter: AT + 999 })).toBeDefined()
      expect(await store.notification({ ...query, keptAfter: AT + 1_000 })).toBeUndefined()
    })

    test('W7: a key gives the receipt of the schedule again, also once it has fired', async () => {
      await using opened = await open()
      const { store } = opened
      const options = { dueAt: DUE, key: 'k' }
      const { receipt } = await send(store, 'alice', options)
      const again = () => store.send(sendCommand('alice', { ...options, at: AT + 5 }))
      expect(await again()).toStrictEqual({ kind: 'replayed', receipt })
      expect(await fireAll(store, DUE)).toHaveLength(1)
      expect(await again()).toStrictEqual({ kind: 'replayed', receipt })
      const later = sendCommand('alice', { ...options, at: AT + IDEMPOTENCY_MS, dueAt: undefined })
      expect(await store.send(later)).toMatchObject({ kind: 'accepted', receipt: { seq: 2 } })
    })

    test('W8: everyone means those who are known when it fires', async () => {
      await using opened = await open()
      const { store } = opened
      await openDevice(store, 'alice', 'phone')
      const { receipt } = await send(store, EVERYONE, { title: 'wide', dueAt: DUE })
      await openDevice(store, 'bob', 'phone')
      const [fired] = await fireAll(store, DUE)
      expect(fired).toMatchObject({ arrivals: [] })
      expect(await store.notification(known(receipt.id))).toMatchObject({
        status: 'fanning_out',
        recipients: { total: 2, stored: 0 },
      })
      await openDevice(store, 'carol', 'phone')
      expect(reachedBy(await stepAll(store))).toEqual([['alice 1', 'bob 1']])
    })

    test('W8: not those whom one that is due after it makes', async () => {
      await using opened = await open()
      const { store } = opened
      await openDevice(store, 'alice', 'phone')
      const { receipt } = await send(store, EVERYONE, { dueAt: DUE })
      await send(store, 'bob', { dueAt: DUE + 1 })
      while ((await fireAll(store, DUE + 1)).length > 0);
      expect(await store.notification(known(receipt.id))).toMatchObject({
        recipients: { total: 1 },
      })
      expect(reachedBy(await stepAll(store))).toEqual([['alice 1']])
    })

    test('W9: what waits outlives the process, and ends as anything that was sent when it fired', async () => {
      await using opened = await open()
      const { receipt } = await send(opened.store, 'alice', {
        title: 'waits',
        dueAt: DUE,
        expiresAt: DUE + 1_000,
        collapseKey: 'k',
      })
      const store = await opened.reopen()
      await fireAll(store, DUE + 10)
      expect(await logOf(store, 'alice', DUE + 999)).toEqual(['1 waits'])
      expect(await expireAll(store, DUE + 1_000)).toMatchObject([
        { id: receipt.id, collapseKey: 'k', reason: 'expired' },
      ])
      // It is known from its firing on, not from its sending.
      const query = { id: receipt.id, at: DUE + 10 }
      expect(await store.notification({ ...query, keptAfter: DUE + 9 })).toBeDefined()
      expect(await store.notification({ ...query, keptAfter: DUE + 10 })).toBeUndefined()
    })

    test('W10: a step of firing is bounded by what it writes, and does at least one', async () => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, 600).map((number) => `user-${number}`)
      for (const _turn of numbers(1, 3)) await send(store, users, { dueAt: DUE })
      expect(await fireAll(store, DUE)).toHaveLength(1)
      expect(await fireAll(store, DUE)).toHaveLength(1)
      expect((await store.due(DUE)).scheduled).toBe(true)
      expect(await fireAll(store, DUE)).toHaveLength(1)
      expect((await store.due(DUE)).scheduled).toBe(false)
    })
  })
}
