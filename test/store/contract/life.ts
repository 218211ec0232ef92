import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import {
  acknowledge,
  codeOf,
  ALL,
  AT,
  deliveriesOf,
  markIds,
  numbers,
  openDevice,
  send,
  SHOP,
  sendCommand,
  sendMany,
  seqsOf,
  type OpenStore,
  known,
  readChanges,
} from './store-under-test.js'

/** One request of each kind. */
function requests(store: Store): Promise<unknown>[] {
  return [
    store.send(sendCommand('alice')),
    openDevice(store, 'alice', 'phone'),
    store.acknowledge({ user: 'alice', device: 'phone', epoch: 'any', seq: 1, at: AT }),
    markIds(store, 'alice', 'read', ['any']),
    store.changes({ user: 'alice', after: 0, ...ALL }),
    store.list({ user: 'alice', before: undefined, limit: 1 }),
    store.entry({ user: 'alice', id: 'any' }),
    store.head('alice'),
    store.latest(['alice']),
    store.notification(known('any')),
    store.deliveries({ ...known('any'), after: undefined, limit: 1 }),
    store.recall({ id: 'any', sender: SHOP, at: AT, limit: 1 }),
    store.due(AT),
    store.expire({ at: AT, limit: 1 }),
    store.fire({ at: AT, limit: 1 }),
    store.stepFanOut({ at: AT, limit: 1 }),
    store.overfull({ after: 0, limit: 1, agedBefore: AT }),
    store.trim({ user: 'alice', agedBefore: AT, limit: 1 }),
    store.forgettable({ after: undefined, limit: 1, acceptedBefore: AT }),
    store.forget({ notifications: [1], acceptedBefore: AT, limit: 1 }),
    store.check(),
  ]
}

/** The code with which each was refused; `resolved` where it was not. */
async function codesOf(asked: Promise<unknown>[]): Promise<string[]> {
  const outcomes = await Promise.allSettled(asked)
  return outcomes.map((outcome) =>
    outcome.status === 'fulfilled' ? 'resolved' : codeOf(outcome.reason),
  )
}

export function describeLife(open: OpenStore): void {
  describe('life', () => {
    test('L1: logs, marks, cursors, deliveries and keys are there after it was closed and opened again', async () => {
      await using opened = await open()
      const before = opened.store
      const { receipt } = await send(before, ['alice', 'bob'], { key: 'k', title: '0' })
      const [, third = ''] = await sendMany(before, 'alice', 4)
      await openDevice(before, 'alice', 'phone')
      await acknowledge(before, 'alice', 'phone', 2, AT + 1)
      await markIds(before, 'alice', 'read', [third], AT + 2)
      await openDevice(before, 'bob', 'phone', { kind: 'latest' })
      const page = await readChanges(before, { user: 'alice', after: 0, ...ALL })
      const list = await before.list({ user: 'alice', before: undefined, limit: 3 })
      const overview = await before.notification(known(receipt.id))

      const store = await opened.reopen()

      expect(page.entries).toHaveLength(5)
      expect(await readChanges(store, { user: 'alice', after: 0, ...ALL })).toStrictEqual(page)
      expect(await store.list({ user: 'alice', before: undefined, limit: 3 })).toStrictEqual(list)
      expect(await store.notification(known(receipt.id))).toStrictEqual(overview)
      expect(await deliveriesOf(store, receipt.id)).toEqual([
        'alice phone delivered',
        'bob phone skipped',
      ])
      expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 2, position: 2 })
      expect(await openDevice(store, 'bob', 'phone')).toMatchObject({ cursor: 1, position: 1 })
      const again = await store.send(sendCommand(['alice', 'bob'], { key: 'k' }))
      expect(again).toStrictEqual({ kind: 'replayed', receipt })
      const next = await send(store, 'alice')
      expect(next.arrivals).toEqual([{ user: 'alice', seq: 7, unread: 5, unseen: 5 }])
    })

    test('L2: close finishes what was asked before it', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 1)
      const sends = numbers(2, 60).map(() => send(store, 'alice'))
      const reads = numbers(1, 5).map(() => store.head('alice'))
      const closing = store.close()

      const sent = await Promise.all(sends)
      expect((await Promise.all(reads)).every(({ latest }) => latest >= 1)).toBe(true)
      await closing
      expect(sent.map(({ receipt }) => receipt.seq).toSorted((a = 0, b = 0) => a - b)).toEqual(
        numbers(2, 60),
      )
      expect(await seqsOf(await opened.reopen(), 'alice')).toEqual(numbers(1, 60))
    })

    test('L2: close may be called at once, and again', async () => {
      await using opened = await open()
      const { store } = opened
      const closed = await Promise.allSettled([store.close(), store.close()])
      expect(closed.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
      await expect(store.close()).resolves.toBeUndefined()
    })

    test('L3: refuses every request once it is closed', async () => {
      await using opened = await open()
      const { store } = opened
      await store.close()
      const codes = await codesOf(requests(store))
      expect(codes).toEqual(codes.map(() => 'store_unavailable'))
    })

    test('L3: refuses every request from the moment at which it is asked to close', async () => {
      await using opened = await open()
      const { store } = opened
      const closing = store.close()
      const asked = codesOf(requests(store))
      await closing
      const codes = await asked
      expect(codes).toEqual(codes.map(() => 'store_unavailable'))
    })

    test('L4: check resolves while the store can write and read', async () => {
      await using opened = await open()
      await expect(opened.store.check()).resolves.toBeUndefined()
    })
  })
}
