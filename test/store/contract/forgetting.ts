import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { expireAll, fireAll, forgetAll, recall, recalled, stepAll } from './steps.js'
import {
  acknowledge,
  AT,
  deliveriesOf,
  EVERYONE,
  known,
  numbers,
  openDevice,
  send,
  sendCommand,
  sendMany,
  type OpenStore,
} from './store-under-test.js'

async function isKnown(store: Store, id: string, keptAfter = 0): Promise<boolean> {
  const query = { ...known(id), keptAfter }
  const overview = await store.notification(query)
  const deliveries = await store.deliveries({ ...query, after: undefined, limit: 1 })
  expect(deliveries === undefined).toBe(overview === undefined)
  return overview !== undefined
}

const trimAll = (store: Store, user: string, agedBefore: number) =>
  store.trim({ user, agedBefore, limit: 100 })

export function describeForgetting(open: OpenStore): void {
  describe('forgetting', () => {
    test('V1: what nobody has and is old is forgotten, with what became of it', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'], { key: 'k' })
      await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 1)
      for (const user of ['alice', 'bob']) await trimAll(store, user, AT + 1)
      await forgetAll(store, AT)
      expect(await deliveriesOf(store, receipt.id)).toEqual([
        'alice phone delivered',
        'bob - removed',
      ])
      await forgetAll(store, AT + 1)
      expect(await isKnown(store, receipt.id)).toBe(false)
      expect(await recall(store, receipt.id)).toEqual({ kind: 'unknown' })
      // Its key guards its answer all the same.
      const again = await store.send(sendCommand(['alice', 'bob'], { key: 'k' }))
      expect(again).toStrictEqual({ kind: 'replayed', receipt })
    })

    test('V2: what somebody has stays, an entry or a tombstone', async () => {
      await using opened = await open()
      const { store } = opened
      const shared = await send(store, ['alice', 'bob'])
      const taken = await send(store, 'carol')
      const short = await send(store, 'carol', { expiresAt: AT + 1 })
      await trimAll(store, 'alice', AT + 1)
      await recalled(store, taken.receipt.id, { at: AT + 5 })
      await expireAll(store, AT + 5)
      await forgetAll(store, AT + 1_000)
      for (const { receipt } of [shared, taken, short]) {
        expect(await isKnown(store, receipt.id)).toBe(true)
      }
      await trimAll(store, 'carol', AT + 6)
      await forgetAll(store, AT + 1_000)
      expect(await isKnown(store, taken.receipt.id)).toBe(false)
      expect(await isKnown(store, short.receipt.id)).toBe(false)
      expect(await deliveriesOf(store, shared.receipt.id)).toEqual([
        'alice - removed',
        'bob - pending',
      ])
    })

    test('V3: what waits, or is on its way, stays, however old', async () => {
      await using opened = await open()
      const { store } = opened
      for (const user of ['alice', 'bob']) await openDevice(store, user, 'phone')
      const waits = await send(store, 'carol', { dueAt: AT + 100 })
      const wide = await send(store, EVERYONE)
      await store.stepFanOut({ at: AT, limit: 1 })
      await trimAll(store, 'alice', AT + 1)
      await forgetAll(store, AT + 1_000)
      for (const { receipt } of [waits, wide]) {
        expect(await isKnown(store, receipt.id, AT + 1_000)).toBe(true)
      }
      // It is as old as its firing.
      await fireAll(store, AT + 100)
      await trimAll(store, 'carol', AT + 101)
      await forgetAll(store, AT + 100)
      expect(await isKnown(store, waits.receipt.id)).toBe(true)
      await forgetAll(store, AT + 101)
      expect(await isKnown(store, waits.receipt.id)).toBe(false)
      // Being taken back by steps is on its way, too.
      await stepAll(store)
      await recalled(store, wide.receipt.id, { limit: 0 })
      await trimAll(store, 'bob', AT + 1)
      await forgetAll(store, AT + 1_000)
      expect(await isKnown(store, wide.receipt.id)).toBe(true)
      await stepAll(store)
      await forgetAll(store, AT + 1_000)
      expect(await isKnown(store, wide.receipt.id)).toBe(false)
    })

    test('V4: whoever asks by an age knows what was accepted after it, and what is in an inbox', async () => {
      await using opened = await open()
      const { store } = opened
      const [alive = ''] = await sendMany(store, 'alice', 1)
      const { receipt: gone } = await send(store, 'bob')
      const { receipt: taken } = await send(store, 'carol')
      await trimAll(store, 'bob', AT + 1)
      await recalled(store, taken.id, { at: AT + 5 })
      const { receipt: waits } = await send(store, 'alice', { dueAt: AT + 100 })
      const knownAt = async (keptAfter: number) =>
        Promise.all([alive, gone.id, taken.id, waits.id].map((id) => isKnown(store, id, keptAfter)))
      expect(await knownAt(AT - 1)).toEqual([true, true, true, true])
      expect(await knownAt(AT)).toEqual([true, false, false, true])
      expect(await knownAt(AT + 1_000)).toEqual([true, false, false, true])
    })

    test('V5: it goes in steps of so many rows, and what came to be had, or is young, is passed over', async () => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, 25).map((number) => `user-${number}`)
      const ids: string[] = []
      for (const _turn of numbers(1, 4)) ids.push((await send(store, users)).receipt.id)
      for (const user of users) {
        await openDevice(store, user, 'phone')
        await acknowledge(store, user, 'phone', 2)
        await trimAll(store, user, AT + 1)
      }
      const { notifications } = await store.forgettable({
        after: undefined,
        limit: 9,
        acceptedBefore: AT + 1,
      })
      expect(notifications).toHaveLength(4)
      const command = { notifications, acceptedBefore: AT, limit: 10 }
      expect(await store.forget(command)).toEqual({ more: false })
      expect(await isKnown(store, ids[0] ?? '')).toBe(true)
      // Each has 25 outcomes, two of them 25 deliveries besides, and its own row.
      expect(await forgetAll(store, AT + 1, 10)).toBeGreaterThanOrEqual(15)
      for (const id of ids) expect(await isKnown(store, id)).toBe(false)
      expect(await store.forget({ ...command, acceptedBefore: AT + 1 })).toEqual({ more: false })
    })
  })
}
