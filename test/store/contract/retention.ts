import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { expireAll, headOf, inboxOf, logOf, recalled, stepAll } from './steps.js'
import {
  acknowledge,
  ALL,
  AT,
  deliveriesOf,
  EVERYONE,
  markIds,
  numbers,
  openDevice,
  send,
  sendMany,
  type OpenStore,
  readChanges,
} from './store-under-test.js'

/** Makes so many tombstones at the end of a user's log; two `seq`s each. */
async function bury(store: Store, user: string, count: number): Promise<void> {
  for (const _number of numbers(1, count)) {
    const { receipt } = await send(store, user, { title: 'to be recalled' })
    await recalled(store, receipt.id)
  }
}

/** Trims what last changed before a time, step by step; gives how many rows each removed. */
async function trimmed(store: Store, user: string, agedBefore: number, limit = 100) {
  const steps: number[] = []
  for (let more = true; more;) {
    const step = await store.trim({ user, agedBefore, limit })
    steps.push(step.removed)
    more = step.more
    if (steps.length > 1_000) throw new Error('the trimming has no end')
  }
  return steps
}

export function describeRetention(open: OpenStore): void {
  describe('retention', () => {
    test('G1: an inbox over its limit loses its first entries as others come, and the horizon tells', async () => {
      await using opened = await open({ inboxLimit: 3 })
      const { store } = opened
      const told: string[] = []
      for (const number of numbers(1, 5)) {
        const { arrivals } = await send(store, 'alice', { title: String(number) })
        told.push(...arrivals.map(({ seq, unread, unseen }) => `${seq} ${unread} ${unseen}`))
      }
      expect(told).toEqual(['1 1 1', '2 2 2', '3 3 3', '4 3 3', '5 3 3'])
      expect(await logOf(store, 'alice')).toEqual(['3 3', '4 4', '5 5'])
      expect(await inboxOf(store, 'alice')).toEqual(['5', '4', '3'])
      expect(await headOf(store, 'alice')).toBe('latest 5, horizon 2, unread 3, unseen 3')
      // Every way to write an entry has the same bound.
      await send(store, 'alice', { title: 'scheduled', dueAt: AT + 1 })
      await store.fire({ at: AT + 1, limit: 5 })
      await send(store, EVERYONE, { title: 'wide' })
      await stepAll(store)
      expect(await inboxOf(store, 'alice')).toEqual(['wide', 'scheduled', '5'])
      expect(await headOf(store, 'alice')).toBe('latest 7, horizon 4, unread 3, unseen 3')
    })

    test('G2: what was marked stands later, and goes later', async () => {
      await using opened = await open({ inboxLimit: 3 })
      const { store } = opened
      const [first = ''] = await sendMany(store, 'alice', 3)
      await markIds(store, 'alice', 'read', [first])
      await sendMany(store, 'alice', 1, 4)
      expect(await inboxOf(store, 'alice')).toEqual(['4', '3', '1'])
      expect(await headOf(store, 'alice')).toBe('latest 5, horizon 2, unread 2, unseen 2')
      // What is archived is in the inbox as well as what is not.
      await markIds(store, 'alice', 'archived', [first])
      await sendMany(store, 'alice', 3, 5)
      expect(await inboxOf(store, 'alice')).toEqual(['7', '6', '5'])
    })

    test('G3: tombstones are no entries; beyond ten times the limit the first go, with what stands before', async () => {
      await using opened = await open({ inboxLimit: 2 })
      const { store } = opened
      const [rests = ''] = await sendMany(store, 'alice', 1)
      await bury(store, 'alice', 20)
      expect(await headOf(store, 'alice')).toBe('latest 41, horizon 0, unread 1, unseen 1')
      await bury(store, 'alice', 1)
      expect(await headOf(store, 'alice')).toBe('latest 43, horizon 3, unread 0, unseen 0')
      expect(await inboxOf(store, 'alice')).toEqual([])
      expect(await logOf(store, 'alice')).toHaveLength(20)
      expect(await deliveriesOf(store, rests)).toEqual(['alice - removed'])
      // An entry too many takes the tombstones before it with it.
      await sendMany(store, 'alice', 3)
      expect(await inboxOf(store, 'alice')).toEqual(['3', '2'])
      expect(await headOf(store, 'alice')).toBe('latest 46, horizon 44, unread 2, unseen 2')
      expect(await logOf(store, 'alice')).toEqual(['45 2', '46 3'])
    })

    test('G4: what last changed before a time goes in order of seq, so many rows at once', async () => {
      await using opened = await open()
      const { store } = opened
      for (const number of numbers(1, 7)) {
        await send(store, 'alice', { title: String(number), at: AT + number })
      }
      const list = { user: 'alice', before: undefined, limit: 10 }
      const [second] = (await store.list(list)).entries.slice(-2)
      const id = /"id":"([^"]+)"/.exec(second?.contentJson ?? '')?.[1] ?? ''
      await markIds(store, 'alice', 'read', [id], AT + 100)

      const query = { user: 'alice', limit: 2 }
      expect(await store.trim({ ...query, agedBefore: AT + 1 })).toEqual({
        removed: 0,
        latest: 8,
        more: false,
      })
      expect(await store.trim({ ...query, agedBefore: AT + 6 })).toEqual({
        removed: 2,
        latest: 8,
        more: true,
      })
      expect(await headOf(store, 'alice')).toBe('latest 8, horizon 3, unread 4, unseen 4')
      expect(await trimmed(store, 'alice', AT + 6)).toEqual([2])
      expect(await inboxOf(store, 'alice')).toEqual(['7', '6', '2'])
      expect(await trimmed(store, 'alice', AT + 101, 1)).toEqual([1, 1, 1, 0])
      expect(await headOf(store, 'alice')).toBe('latest 8, horizon 8, unread 0, unseen 0')
      // The log goes on where it stood.
      expect(await send(store, 'alice')).toMatchObject({ receipt: { seq: 9 } })
    })

    test('G5: a tombstone is as old as its removal, and goes like an entry', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, 'alice', { title: 'recalled' })
      const short = await send(store, 'alice', { expiresAt: AT + 20 })
      await recalled(store, receipt.id, { at: AT + 10 })
      await expireAll(store, AT + 20)
      expect(await trimmed(store, 'alice', AT + 10)).toEqual([0])
      expect(await trimmed(store, 'alice', AT + 11)).toEqual([1])
      expect(await logOf(store, 'alice')).toEqual(['4 - expired'])
      expect(await trimmed(store, 'alice', AT + 21)).toEqual([1])
      expect(await headOf(store, 'alice')).toBe('latest 4, horizon 4, unread 0, unseen 0')
      // How they ended is told all the same.
      expect(await deliveriesOf(store, receipt.id)).toEqual(['alice - recalled'])
      expect(await deliveriesOf(store, short.receipt.id)).toEqual(['alice - expired'])
    })

    test('G6: what is removed tells so, with when it was seen; delivered stays delivered', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'])
      for (const device of ['phone', 'laptop', 'tablet']) await openDevice(store, 'alice', device)
      await acknowledge(store, 'alice', 'phone', 1)
      await openDevice(store, 'alice', 'tablet', { kind: 'latest' })
      await trimmed(store, 'alice', AT + 1)
      expect(await deliveriesOf(store, receipt.id)).toEqual([
        'alice laptop removed',
        'alice phone delivered',
        'alice tablet removed',
        'bob - pending',
      ])
    })

    test('G7: a page of changes tells the horizon as of the same moment', async () => {
      await using opened = await open({ inboxLimit: 2 })
      const { store } = opened
      await openDevice(store, 'alice', 'phone')
      await sendMany(store, 'alice', 5)
      for (const after of [0, 2, 3]) {
        const page = await readChanges(store, { user: 'alice', after, ...ALL })
        expect(page).toMatchObject({ horizon: 3, latest: 5, through: 5, unread: 2 })
        expect(page.entries.map((entry) => entry.seq)).toEqual([4, 5])
      }
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 0, horizon: 3 })
      // Neither list nor marks nor acknowledgements bring anything back.
      expect(await acknowledge(store, 'alice', 'phone', 5)).toBe(5)
      expect(await headOf(store, 'alice')).toBe('latest 5, horizon 3, unread 2, unseen 2')
    })

    test('G8: a limit that was lowered is kept from then on, in steps', async () => {
      await using opened = await open({ inboxLimit: 10 })
      await sendMany(opened.store, 'alice', 10)
      await sendMany(opened.store, 'bob', 3)
      await sendMany(opened.store, 'carol', 2)
      const store = await opened.reopen({ inboxLimit: 2 })
      const look = { after: 0, limit: 10, agedBefore: AT }
      expect(await store.overfull(look)).toEqual({ users: ['alice', 'bob'], next: undefined })
      expect(await trimmed(store, 'alice', AT, 3)).toEqual([3, 3, 2])
      expect(await inboxOf(store, 'alice')).toEqual(['10', '9'])
      expect(await store.overfull(look)).toEqual({ users: ['bob'], next: undefined })
      expect(await send(store, 'bob')).toMatchObject({ arrivals: [{ seq: 4, unread: 2 }] })

      await using roomy = await open({ inboxLimit: 40 })
      await sendMany(roomy.store, 'dave', 40)
      const narrow = await roomy.reopen({ inboxLimit: 2 })
      // An arrival takes 25 at the most: one write may bring it to a thousand users.
      expect(await send(narrow, 'dave')).toMatchObject({ arrivals: [{ seq: 41, unread: 16 }] })
      expect(await send(narrow, 'dave')).toMatchObject({ arrivals: [{ seq: 42, unread: 2 }] })
    })

    test('G9: who has something too old or too much is found among so many users at a time', async () => {
      await using opened = await open()
      const { store } = opened
      for (const number of numbers(1, 5)) {
        await send(store, `user-${number}`, { at: AT + (number % 2) })
        await send(store, `user-${number}`, { at: AT + 5 })
      }
      await openDevice(store, 'without entries', 'phone')
      const look = (after: number) => store.overfull({ after, limit: 4, agedBefore: AT + 1 })
      const first = await look(0)
      expect(first.users).toEqual(['user-2', 'user-4'])
      expect(await look(first.next ?? 0)).toEqual({ users: [], next: undefined })
      const all = await store.overfull({ after: 0, limit: 4, agedBefore: AT + 2 })
      expect(all.users).toEqual(['user-1', 'user-2', 'user-3', 'user-4'])
      expect(await store.trim({ user: 'nobody', agedBefore: AT + 9, limit: 9 })).toEqual({
        removed: 0,
        latest: 0,
        more: false,
      })
      expect(await store.latest(['nobody'])).toEqual(new Map())
    })
  })
}
