import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { expireAll, headOf, inboxOf, logOf, reachedBy, recalled, stepAll } from './steps.js'
import {
  AT,
  contentJsonOf,
  deliveriesOf,
  EVERYONE,
  known,
  numbers,
  openDevice,
  send,
  sendCommand,
  type OpenStore,
} from './store-under-test.js'

/** Makes users known, in this order, with nothing in their logs. */
async function know(store: Store, users: readonly string[]): Promise<void> {
  for (const user of users) await openDevice(store, user, 'phone')
}

async function progressOf(store: Store, id: string, at = AT): Promise<string> {
  const overview = await store.notification(known(id, at))
  const { total, stored } = overview?.recipients ?? {}
  return `${overview?.status} ${stored}/${total}`
}

export function describeFanOutSteps(open: OpenStore): void {
  describe('the steps of fan-outs', () => {
    test('N1: everyone is who is known when it is accepted; each step reaches so many of them, in order', async () => {
      await using opened = await open()
      const { store } = opened
      await know(store, ['carol', 'alice', 'bob', 'dave', 'erin'])
      await send(store, 'bob')
      const command = sendCommand(EVERYONE, { title: 'wide' })
      const outcome = await store.send(command)
      expect(outcome).toStrictEqual({
        kind: 'accepted',
        receipt: {
          id: command.id,
          status: 'fanning_out',
          recipients: { total: 5, stored: 0 },
          createdAt: new Date(AT).toISOString(),
          expiresAt: null,
        },
        arrivals: [],
      })
      await know(store, ['frank'])
      expect((await store.due(AT)).fanOuts).toBe(true)
      expect(await progressOf(store, command.id)).toBe('fanning_out 0/5')

      const first = await store.stepFanOut({ at: AT + 5, limit: 2 })
      expect(first).toMatchObject({ kind: 'delivered', arrivals: [{ user: 'carol' }, {}] })
      expect(first && 'contentJson' in first && first.contentJson).toBe(contentJsonOf(command))
      expect(await progressOf(store, command.id)).toBe('fanning_out 2/5')
      expect(await deliveriesOf(store, command.id)).toHaveLength(2)

      expect(reachedBy(await stepAll(store, AT + 5, 2))).toEqual([['bob 2', 'dave 1'], ['erin 1']])
      expect(await progressOf(store, command.id)).toBe('stored 5/5')
      expect((await store.due(AT)).fanOuts).toBe(false)
      expect(await headOf(store, 'bob')).toBe('latest 2, horizon 0, unread 2, unseen 2')
      expect(await headOf(store, 'frank')).toBe('latest 0, horizon 0, unread 0, unseen 0')
    })

    test('N4: after any interruption it goes on where it stopped, and reaches each once', async () => {
      await using opened = await open()
      const users = numbers(1, 9).map((number) => `user-${number}`)
      await know(opened.store, users)
      const { receipt } = await send(opened.store, EVERYONE)
      let store = opened.store
      for (const _turn of numbers(1, 3)) {
        await store.stepFanOut({ at: AT, limit: 2 })
        store = await opened.reopen()
      }
      await stepAll(store, AT, 2)
      expect(await store.latest(users)).toEqual(new Map(users.map((user) => [user, 1])))
      expect(await progressOf(store, receipt.id)).toBe('stored 9/9')
      expect(await stepAll(store)).toEqual([])
    })

    test('N5: those that are under way at once take turns, and sends come between', async () => {
      await using opened = await open()
      const { store } = opened
      await know(store, ['alice', 'bob', 'carol'])
      for (const title of ['one', 'two']) await send(store, EVERYONE, { title })
      await store.stepFanOut({ at: AT, limit: 1 })
      await send(store, 'alice', { title: 'between' })
      await stepAll(store, AT, 1)
      expect(await logOf(store, 'alice')).toEqual(['1 one', '2 between', '3 two'])
      expect(await logOf(store, 'bob')).toEqual(['1 one', '2 two'])
      expect(await logOf(store, 'carol')).toEqual(['1 one', '2 two'])
    })

    test('N9: one that expires on its way reaches no one else', async () => {
      await using opened = await open()
      const { store } = opened
      await know(store, ['alice', 'bob', 'carol'])
      const { receipt } = await send(store, EVERYONE, { expiresAt: AT + 1_000 })
      await store.stepFanOut({ at: AT + 999, limit: 1 })
      expect(await progressOf(store, receipt.id, AT + 1_000)).toBe('fanning_out 1/3')
      expect(reachedBy(await stepAll(store, AT + 1_000, 1))).toEqual([[]])
      expect(await progressOf(store, receipt.id, AT + 1_000)).toBe('expired 1/3')
      expect(await expireAll(store, AT + 1_000)).toMatchObject([{ user: 'alice', seq: 2 }])
      expect(await inboxOf(store, 'bob')).toEqual([])
      expect(await deliveriesOf(store, receipt.id)).toEqual(['alice phone expired'])
    })

    test('N10: one that means no one is over in one step', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, EVERYONE)
      await know(store, ['alice'])
      expect(reachedBy(await stepAll(store))).toEqual([[]])
      expect(await progressOf(store, receipt.id)).toBe('stored 0/0')
      expect(await deliveriesOf(store, receipt.id)).toEqual([])
      expect(await recalled(store, receipt.id)).toMatchObject({ removals: [], pending: false })
    })

    test('N11: what it reaches is as young as its step, and ends when the notification does', async () => {
      await using opened = await open()
      const { store } = opened
      await know(store, ['alice', 'bob'])
      await send(store, EVERYONE, { title: 'wide', expiresAt: AT + 10_000 })
      await store.stepFanOut({ at: AT + 10, limit: 1 })
      await store.stepFanOut({ at: AT + 20, limit: 1 })
      const aged = await store.overfull({ after: 0, limit: 10, agedBefore: AT + 20 })
      expect(aged).toEqual({ users: ['alice'], next: undefined })
      expect(await expireAll(store, AT + 10_000)).toHaveLength(2)
    })
  })
}
