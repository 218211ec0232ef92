import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Caretaker } from '../../src/inbox/caretaker.js'
import { eraseUser } from '../../src/inbox/erase.js'
import type { Store } from '../../src/inbox/store.js'
import { InProcessWake } from '../../src/inbox/wake.js'
import { nobodyRevokes } from '../nothing-revoked.js'
import {
  acknowledgeAll,
  eraseWhole,
  inboxOf,
  NOW,
  open as openDevice,
  sendTo,
} from './contract/people-fixture.js'
import { SHOP, type StoreUnderTest } from './contract/store-under-test.js'

/** A store whose data can be looked at past it. */
export interface ErasableStore extends StoreUnderTest {
  /** Every value of every column of every table, by the name of the table. */
  everything: () => Promise<string[]>
  /** How many rows a table has of a user, by number. */
  count: (table: string, user: number) => Promise<number>
  /** What refers to something that is not there. */
  faults: () => Promise<unknown[]>
  /** 0 where nobody has the name. */
  numberOf: (name: string) => Promise<number>
}

/** Stands in the user's id, in the names of their devices, and in what was sent to them alone. */
export const MARK = 'c41f7d'
export const VICTIM = `victim-${MARK}`
const HOUR = 3_600_000
export const BOUNDS = { inboxLimit: 1_000 }

let opened: ErasableStore
let store: Store

const marked = async (): Promise<string[]> =>
  (await opened.everything()).filter((value) => value.includes(MARK))

const TABLES = ['users', 'inbox', 'outcomes', 'devices', 'subscriptions', 'erasures']

/** Where rows of a user are left: the user's own, and what refers to it. */
async function leftOf(user: number): Promise<string[]> {
  const left: string[] = []
  for (const table of TABLES) {
    const count = await opened.count(table, user)
    if (count > 0) left.push(`${table}: ${count}`)
  }
  return left
}

/** A user who was everywhere: with what they have alone, and with what they have together with a friend. */
export async function liveALife(store: Store): Promise<void> {
  const alone = (what: string): string => `${what} ${MARK}`
  await sendTo(store, VICTIM, alone('too old'), { at: NOW - 2 * HOUR })
  await store.trim({ user: VICTIM, agedBefore: NOW - HOUR, limit: 10 })
  for (const name of [`phone-${MARK}`, `laptop-${MARK}`, `tablet-${MARK}`]) {
    await openDevice(store, VICTIM, name)
  }
  await openDevice(store, 'friend', 'phone')
  await sendTo(store, VICTIM, alone('own'), { key: 'a key' })
  await sendTo(store, [VICTIM, 'friend'], 'shared')
  const collapseKey = `chat-${MARK}`
  for (const title of ['first', 'second'])
    await sendTo(store, VICTIM, alone(title), { collapseKey })
  await sendTo(store, [VICTIM, 'friend'], 'shared, replaced', { collapseKey: 'order' })
  await sendTo(store, VICTIM, alone('newer'), { collapseKey: 'order' })
  for (const name of [`phone-${MARK}`, `laptop-${MARK}`]) await acknowledgeAll(store, VICTIM, name)
  await acknowledgeAll(store, 'friend', 'phone')
  await sendTo(store, VICTIM, alone('expired'), { expiresAt: NOW + 1 })
  await store.expire({ at: NOW + 1, limit: 10 })
  const recalled = await sendTo(store, [VICTIM, 'friend'], 'recalled')
  const own = await sendTo(store, VICTIM, alone('recalled'))
  for (const id of [recalled, own]) await store.recall({ id, sender: SHOP, at: NOW, limit: 500 })
  const { epoch, latest: upTo } = await store.head(VICTIM)
  await store.mark({
    user: VICTIM,
    action: 'read',
    at: NOW,
    limit: 3,
    entries: { kind: 'upTo', after: 0, upTo, epoch, type: undefined },
  })
  await sendTo(store, VICTIM, alone('scheduled'), { dueAt: NOW + HOUR, collapseKey })
  await sendTo(store, [VICTIM, 'friend'], 'shared, scheduled', { dueAt: NOW + HOUR })
  // These were never in an inbox: one was recalled before its time, the other had expired by it.
  const early = await sendTo(store, VICTIM, alone('recalled early'), { dueAt: NOW + HOUR })
  await store.recall({ id: early, sender: SHOP, at: NOW, limit: 500 })
  await sendTo(store, VICTIM, alone('overdue'), { dueAt: NOW + 1, expiresAt: NOW + 2 })
  await store.fire({ at: NOW + 3, limit: 10 })
  for (const [topic, add] of [
    ['news', [VICTIM]],
    ['sports', [VICTIM]],
    ['news', ['friend']],
  ] as const) {
    await store.changeSubscribers({ topic, add, remove: [], at: NOW })
  }
  await sendTo(store, { kind: 'topic', topic: 'sports' }, alone('to a topic of one'))
  await sendTo(store, { kind: 'topic', topic: 'news' }, 'to a topic')
  await sendTo(store, { kind: 'everyone' }, 'to everyone')
  // The first has reached its only subscriber, the second one of two, the third nobody.
  await store.stepFanOut({ at: NOW, limit: 1 })
  await store.stepFanOut({ at: NOW, limit: 1 })
}

const OF_THE_FRIEND = ['to a topic', 'to everyone', 'shared, replaced', 'shared']

/** Takes whatever steps of fan-outs there are. */
async function fanOut(): Promise<string[]> {
  const reached: string[] = []
  for (;;) {
    const step = await store.stepFanOut({ at: NOW, limit: 10 })
    if (!step) return reached
    if (step.kind === 'delivered') reached.push(...step.arrivals.map(({ user }) => user))
  }
}

/** That nothing is left of a user who was erased. */
export function describeErasure(
  open: (bounds: { inboxLimit: number }) => Promise<ErasableStore>,
): void {
  beforeEach(async () => {
    opened = await open(BOUNDS)
    store = opened.store
  })
  afterEach(() => opened[Symbol.asyncDispose]())

  describe('an erasure', () => {
    test('no row of the database holds the id or the content of a user who was erased; what others were sent stays', async () => {
      await liveALife(store)
      const victim = await opened.numberOf(VICTIM)
      expect((await marked()).length).toBeGreaterThan(10)
      expect(await leftOf(victim)).toHaveLength(5)

      expect(await eraseWhole(store, VICTIM, 3)).toBeGreaterThan(5)

      expect(await marked()).toEqual([])
      expect(await leftOf(victim)).toEqual([])
      expect(await opened.faults()).toEqual([])
      const reached = await fanOut()
      expect(new Set(reached)).toEqual(new Set(['friend']))
      expect(await inboxOf(store, 'friend')).toEqual(OF_THE_FRIEND)
      await store.fire({ at: NOW + HOUR, limit: 10 })
      expect((await inboxOf(store, 'friend'))[0]).toBe('shared, scheduled')
      const delivered = (await opened.everything()).filter((value) =>
        value.startsWith('deliveries.notification'),
      )
      // Those of the friend's one device alone.
      expect(delivered).toHaveLength(2)
      expect(await marked()).toEqual([])
      expect((await store.head(VICTIM)).latest).toBe(0)
    })

    test('what was taken back, or had expired, before it came to a user of whom nothing else is known goes with them', async () => {
      const early = await sendTo(store, VICTIM, `recalled early ${MARK}`, { dueAt: NOW + HOUR })
      await store.recall({ id: early, sender: SHOP, at: NOW, limit: 500 })
      const other = `stranger-${MARK}`
      await sendTo(store, other, `overdue ${MARK}`, { dueAt: NOW + 1, expiresAt: NOW + 2 })
      await store.fire({ at: NOW + 3, limit: 10 })
      await eraseWhole(store, VICTIM, 100)
      await eraseWhole(store, other, 100)
      expect(await marked()).toEqual([])
    })

    test('an erasure that was cut off after its first step is finished after a start', async () => {
      await liveALife(store)
      const victim = await opened.numberOf(VICTIM)
      const begun = await store.erase({ user: VICTIM, limit: 100 })
      expect(begun).toMatchObject({ kind: 'erased', erasure: victim })
      expect(await store.purge({ limit: 2 })).toEqual({ more: true })
      store = await opened.reopen()
      expect(await leftOf(victim)).not.toEqual([])
      expect(await store.head(VICTIM)).toMatchObject({ latest: 0, unread: 0 })
      let purged: (() => void) | undefined
      const done = new Promise<void>((resolve) => (purged = resolve))
      const caretaker = new Caretaker({
        store: new Proxy(store, {
          get(target, name: keyof Store) {
            if (name !== 'purge') return target[name].bind(target)
            return async (command: Parameters<Store['purge']>[0]) => {
              const { more } = await target.purge({ ...command, limit: 2 })
              if (!more) purged?.()
              return { more }
            }
          },
        }),
        wake: new InProcessWake(),
        live: { connections: () => Promise.resolve([]) },
        revoker: nobodyRevokes,
        clock: () => NOW,
        retentionMs: 30 * 24 * HOUR,
        report: (error) => expect(error).toBeUndefined(),
      })
      caretaker.start()
      await done
      await caretaker.close()

      expect(await marked()).toEqual([])
      expect(await leftOf(victim)).toEqual([])
      expect(await opened.faults()).toEqual([])
      expect(await inboxOf(store, 'friend')).toEqual(expect.arrayContaining(['shared']))
    })

    test('between two steps of an erasure nobody is told of the user', async () => {
      await liveALife(store)
      const id = await sendTo(store, [VICTIM, 'friend'], 'shared, too')
      await store.erase({ user: VICTIM, limit: 100 })
      const query = { id, at: NOW, keptAfter: 0, after: undefined, limit: 1 }
      const page = await store.deliveries(query)
      expect(page).toMatchObject({ items: [{ user: 'friend', device: 'phone' }], next: undefined })
      expect(new Set(await fanOut())).toEqual(new Set(['friend']))
    })

    test('an erasure that is asked for again is answered when nothing is left', async () => {
      await liveALife(store)
      const victim = await opened.numberOf(VICTIM)
      await store.erase({ user: VICTIM, limit: 100 })
      await eraseUser({ store, live: { end: () => Promise.resolve(0) } }, VICTIM)
      expect(await marked()).toEqual([])
      expect(await leftOf(victim)).toEqual([])
    })

    test('whatever is under way while a user is erased fails nowhere, and brings nothing back', async () => {
      await liveALife(store)
      const { epoch } = await store.head(VICTIM)
      const ids = await Promise.all(
        Array.from({ length: 60 }, () => sendTo(store, [VICTIM, 'friend'], 'under way')),
      )
      // All of it is asked for before the erasure is, and again between its steps.
      const underWay = (): Promise<unknown>[] => [
        store.acknowledge({ user: VICTIM, device: `phone-${MARK}`, epoch, seq: 5, at: NOW }),
        store.mark({
          user: VICTIM,
          action: 'archived',
          at: NOW,
          limit: 20,
          entries: { kind: 'upTo', after: 0, upTo: 100, epoch, type: undefined },
        }),
        store.recall({ id: ids[3] ?? '', sender: SHOP, at: NOW, limit: 500 }),
        store.stepFanOut({ at: NOW, limit: 1 }),
        store.expire({ at: NOW + HOUR, limit: 1 }),
        store.trim({ user: VICTIM, agedBefore: NOW + HOUR, limit: 2 }),
        store.trim({ user: '\u00011', agedBefore: NOW + HOUR, limit: 2 }),
        store.removeDevice({ user: VICTIM, device: `laptop-${MARK}`, unseenSince: undefined }),
        store.seeDevice({ user: VICTIM, device: `phone-${MARK}`, epoch, at: NOW + 1 }),
        store.changes({ user: VICTIM, at: NOW, after: 3, limit: 5, maxBytes: 1_000 }),
      ]
      const victim = await opened.numberOf(VICTIM)
      const asked = [...underWay(), eraseWhole(store, VICTIM, 4)]
      for (let round = 0; round < 30; round++) {
        asked.push(...underWay())
        await store.purge({ limit: 3 })
      }
      await Promise.all(asked)
      await fanOut()
      expect(await marked()).toEqual([])
      expect(await leftOf(victim)).toEqual([])
      expect(await opened.faults()).toEqual([])
      expect((await store.head(VICTIM)).latest).toBe(0)
    })
  })
}
