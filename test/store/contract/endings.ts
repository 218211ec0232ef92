import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import { expireAll, recalled } from './steps.js'
import {
  acknowledge,
  AT,
  deliveriesOf,
  deliveriesPage,
  known,
  markIds,
  numbers,
  openDevice,
  send,
  sendMany,
  type OpenStore,
} from './store-under-test.js'

const nameOf = ({ user, device }: Delivery): string => `${user} ${device ?? '-'}`

/** The rows of a notification's deliveries by pages of `limit`; `between` runs after each. */
async function paged(
  store: Store,
  id: string,
  limit: number,
  between: (turn: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const names: string[] = []
  let after: string | undefined
  for (let turn = 1; ; turn++) {
    const page = await store.deliveries({ ...known(id), after, limit })
    if (!page) throw new Error('the notification is not known')
    expect(page.items.length).toBeLessThanOrEqual(limit)
    names.push(...page.items.map(nameOf))
    after = page.next
    if (after === undefined) return names
    expect(page.items).toHaveLength(limit)
    await between(turn)
  }
}

/** Lets an entry end in each of the ways, by the name of the user. */
async function endFor(store: Store, user: string, id: string): Promise<void> {
  if (user.startsWith('replaced')) await send(store, user, { collapseKey: 'k' })
  if (user.startsWith('removed')) await store.trim({ user, agedBefore: AT + 1, limit: 100 })
  if (user.startsWith('read')) await markIds(store, user, 'read', [id])
}

/** The rows of the first test: those that end one by one, with what all others tell. */
const rows = (living: string, skipped: string) => [
  'alive has delivered',
  `alive not ${living}`,
  `alive skipped ${skipped}`,
  'removed has delivered',
  'removed not removed',
  'removed skipped removed',
  'replaced has delivered',
  'replaced not replaced',
  'replaced skipped replaced',
  'replaced young replaced',
  `without - ${living}`,
]

export function describeEndings(open: OpenStore): void {
  describe('deliveries of what has ended', () => {
    test('D8: a row tells how the entry ended, whatever the device; delivered wins', async () => {
      await using opened = await open()
      const { store } = opened
      const users = ['alive', 'replaced', 'removed', 'without']
      const { receipt } = await send(store, users, { collapseKey: 'k', expiresAt: AT + 1_000 })
      for (const user of users.slice(0, 3)) {
        for (const device of ['has', 'not', 'skipped']) await openDevice(store, user, device)
        await acknowledge(store, user, 'has', 1)
        await openDevice(store, user, 'skipped', { kind: 'latest' })
      }
      for (const user of users) await endFor(store, user, receipt.id)
      // A device that is new since then has a row as well.
      await openDevice(store, 'replaced', 'young')
      expect(await deliveriesOf(store, receipt.id)).toEqual(rows('pending', 'skipped'))
      const expired = rows('expired', 'expired')
      expect(await deliveriesOf(store, receipt.id, AT + 1_000)).toEqual(expired)
      await expireAll(store, AT + 1_000)
      expect(await deliveriesOf(store, receipt.id)).toEqual(expired)
      await store.trim({ user: 'alive', agedBefore: AT + 2_000, limit: 9 })
      expect(await deliveriesOf(store, receipt.id)).toEqual(expired)
      await recalled(store, receipt.id, { at: AT + 2_000 })
      expect(await deliveriesOf(store, receipt.id)).toEqual(expired)
    })

    test('D9: what moved on before a device acknowledged its place ends as the device has it', async () => {
      await using opened = await open()
      const { store } = opened
      const [first = '', second = ''] = await sendMany(store, 'alice', 2)
      for (const device of ['early', 'late']) await openDevice(store, 'alice', device)
      // The first moves to 3 while `early` acknowledges 2, and to 4 as a tombstone while `late` acknowledges 3.
      await markIds(store, 'alice', 'seen', [first], AT + 5)
      await acknowledge(store, 'alice', 'early', 2)
      expect(await deliveriesOf(store, first)).toEqual([
        'alice early pending',
        'alice late pending',
      ])
      await acknowledge(store, 'alice', 'early', 3)
      await recalled(store, first)
      await acknowledge(store, 'alice', 'late', 3)
      expect(await deliveriesOf(store, first)).toEqual([
        'alice early delivered',
        'alice late recalled',
      ])
      await acknowledge(store, 'alice', 'late', 4)
      expect(await deliveriesOf(store, first)).toContain('alice late recalled')
      expect(await deliveriesOf(store, second)).toEqual([
        'alice early delivered',
        'alice late delivered',
      ])
      const seenAt = new Date(AT + 5).toISOString()
      const { items } = await deliveriesPage(store, first)
      expect(items.map((row) => row.seenAt)).toEqual([seenAt, seenAt])
    })

    test('D10: pages over what is there and what has ended neither skip nor repeat, and are in one order', async () => {
      await using opened = await open()
      const { store } = opened
      const kinds = ['alive', 'replaced', 'removed', 'read']
      const users = numbers(1, 24).map((number) => `${kinds[(number * 7) % 4]}-${number}`)
      const { receipt } = await send(store, users, { collapseKey: 'k' })
      for (const [index, user] of users.entries()) {
        for (const device of numbers(1, index % 4)) await openDevice(store, user, `d${device}`)
        await endFor(store, user, receipt.id)
      }
      const whole = (await deliveriesPage(store, receipt.id)).items.map(nameOf)
      expect(new Set(whole).size).toBe(whole.length)
      expect(whole).toHaveLength(6 * (1 + 1 + 2 + 3))
      for (const limit of [1, 2, 3, 5, 8, whole.length - 1, whole.length, whole.length + 1]) {
        expect(await paged(store, receipt.id, limit)).toEqual(whole)
      }
    })

    test.each([1, 2, 5])('D10: nor while entries end between pages of %d', async (limit) => {
      await using opened = await open()
      const { store } = opened
      const users = numbers(1, 12).map((number) => `removed-${number}`)
      const { receipt } = await send(store, users)
      for (const [index, user] of users.entries()) {
        if (index % 3 > 0) await openDevice(store, user, 'phone')
        if (index % 3 > 1) await openDevice(store, user, 'laptop')
      }
      const before = (await deliveriesPage(store, receipt.id)).items.map(nameOf)
      const names = await paged(store, receipt.id, limit, async (turn) => {
        // One that was listed already, and one that was not yet.
        for (const user of [users[turn - 1], users.at(-turn)]) {
          if (user !== undefined) await endFor(store, user, receipt.id)
        }
      })
      expect(names).toEqual(before)
    })
  })
}
