import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import {
  acknowledge,
  ALL,
  AT,
  deliveriesOf,
  markIds,
  numbers,
  openDevice,
  send,
  sendMany,
  type OpenStore,
  known,
} from './store-under-test.js'

/** Every page of a notification's deliveries, by pages of `limit`; `between` runs after each. */
async function pagesOf(
  store: Store,
  id: string,
  limit: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Delivery[][]> {
  const pages: Delivery[][] = []
  let after: string | undefined
  do {
    const page = await store.deliveries({ ...known(id), after, limit })
    if (!page) throw new Error('the notification is not known')
    pages.push(page.items)
    after = page.next
    if (pages.length > 100) throw new Error('the pages have no end')
    await between()
  } while (after)
  return pages
}

const nameOf = ({ user, device }: Pick<Delivery, 'user' | 'device'>): string =>
  `${user} ${device ?? '-'}`

/** One notification to three users: with two devices, with none, and with three. */
async function sendToSixRows(store: Store): Promise<string> {
  const { receipt } = await send(store, ['alice', 'bob', 'carol'])
  for (const device of ['phone', 'laptop']) await openDevice(store, 'alice', device)
  for (const device of ['phone', 'tablet', 'laptop']) await openDevice(store, 'carol', device)
  // Neither a stranger nor an owner of another notification has a row.
  await sendMany(store, 'dave', 1)
  await openDevice(store, 'dave', 'phone')
  return receipt.id
}

export function describeDeliveries(open: OpenStore): void {
  describe('deliveries', () => {
    test('D1: each device of each user has a row, a user without a device one with none', async () => {
      await using opened = await open()
      const { store } = opened
      const id = await sendToSixRows(store)
      expect(await deliveriesOf(store, id)).toEqual([
        'alice laptop pending',
        'alice phone pending',
        'bob - pending',
        'carol laptop pending',
        'carol phone pending',
        'carol tablet pending',
      ])
    })

    test('D2: is delivered at the time at which it was first covered, and stays so', async () => {
      await using opened = await open()
      const { store } = opened
      const [first = '', second = ''] = await sendMany(store, 'alice', 2)
      await openDevice(store, 'alice', 'phone')
      await acknowledge(store, 'alice', 'phone', 1, AT + 1_000)
      await acknowledge(store, 'alice', 'phone', 2, AT + 2_000)
      await acknowledge(store, 'alice', 'phone', 2, AT + 3_000)
      await openDevice(store, 'alice', 'phone', { kind: 'latest' }, AT + 4_000)

      const row = {
        user: 'alice',
        device: 'phone',
        status: 'delivered',
        seenAt: null,
        readAt: null,
      }
      for (const [id, at] of [
        [first, AT + 1_000],
        [second, AT + 2_000],
      ] as const) {
        const page = await store.deliveries({ ...known(id), after: undefined, limit: 2 })
        const deliveredAt = new Date(at).toISOString()
        expect(page).toEqual({ items: [{ ...row, deliveredAt }], next: undefined })
      }
    })

    test('D3: tells pending, delivered and skipped apart, by device', async () => {
      await using opened = await open()
      const { store } = opened
      const [first = '', second = ''] = await sendMany(store, 'alice', 2)
      for (const device of ['a', 'b', 'c']) await openDevice(store, 'alice', device)
      await acknowledge(store, 'alice', 'a', 1)
      await openDevice(store, 'alice', 'b', { kind: 'latest' })
      const [third = ''] = await sendMany(store, 'alice', 1)
      await acknowledge(store, 'alice', 'b', 3)

      expect(await deliveriesOf(store, first)).toEqual([
        'alice a delivered',
        'alice b skipped',
        'alice c pending',
      ])
      expect(await deliveriesOf(store, second)).toEqual([
        'alice a pending',
        'alice b skipped',
        'alice c pending',
      ])
      expect(await deliveriesOf(store, third)).toEqual([
        'alice a pending',
        'alice b delivered',
        'alice c pending',
      ])
    })

    test('D3: what was skipped is pending again where it moves beyond the cursor', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 2)
      await openDevice(store, 'alice', 'phone', { kind: 'latest' })
      await markIds(store, 'alice', 'read', [id])
      expect(await deliveriesOf(store, id)).toEqual(['alice phone pending'])
      await acknowledge(store, 'alice', 'phone', 3)
      expect(await deliveriesOf(store, id)).toEqual(['alice phone delivered'])
    })

    test('D4: pages have each row once, and the last has no next', async () => {
      await using opened = await open()
      const { store } = opened
      const id = await sendToSixRows(store)
      const whole = await store.deliveries({ ...known(id), after: undefined, limit: ALL.limit })

      for (const limit of [1, 2, 3, 4, 5, 6, 7]) {
        const pages = await pagesOf(store, id, limit)
        expect(pages.flat()).toEqual(whole?.items)
        expect(pages).toHaveLength(Math.ceil(6 / limit))
        expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true)
      }
    })

    test('D4: pages neither skip nor repeat a row while devices are made and acknowledge', async () => {
      await using opened = await open()
      const { store } = opened
      const id = await sendToSixRows(store)
      const before = (await pagesOf(store, id, 100)).flat().map(nameOf)
      let count = 0
      const rows = (
        await pagesOf(store, id, 1, async () => {
          count += 1
          for (const user of ['alice', 'carol']) {
            await acknowledge(store, user, 'phone', 1)
            if (count < 10) await openDevice(store, user, `new-${count}`)
          }
        })
      ).flat()
      const names = rows.map(nameOf)
      expect(names.filter((name) => before.includes(name)).toSorted()).toEqual(before.toSorted())
      expect(new Set(names).size).toBe(names.length)
    })

    test('D5: has none for a notification that is not known', async () => {
      await using opened = await open()
      const { store } = opened
      const query = { after: undefined, limit: 1 }
      expect(await store.deliveries({ ...known(uuidv7()), ...query })).toBeUndefined()
      await send(store, 'alice')
      expect(await store.deliveries({ ...known(uuidv7()), ...query })).toBeUndefined()
    })

    test('D6: a row tells when its user has seen and read the entry, on whatever device', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'])
      for (const device of ['phone', 'laptop']) await openDevice(store, 'alice', device)
      await acknowledge(store, 'alice', 'phone', 1, AT + 1)
      const rows = async () => {
        const page = await store.deliveries({ ...known(receipt.id), after: undefined, limit: 5 })
        return page?.items.map(({ deliveredAt, seenAt, readAt, ...row }) => [
          nameOf(row),
          row.status,
          ...[deliveredAt, seenAt, readAt].map((time) => time && Date.parse(time) - AT),
        ])
      }
      await markIds(store, 'alice', 'seen', [receipt.id], AT + 2)
      await markIds(store, 'alice', 'read', [receipt.id], AT + 3)
      expect(await rows()).toEqual([
        ['alice phone', 'delivered', 1, 2, 3],
        ['alice laptop', 'pending', null, 2, 3],
        ['bob -', 'pending', null, null, null],
      ])
      // What the user unsays is unsaid; that it was delivered is not.
      await markIds(store, 'alice', 'unread', [receipt.id], AT + 4)
      await acknowledge(store, 'alice', 'laptop', 4, AT + 5)
      await acknowledge(store, 'alice', 'phone', 4, AT + 5)
      expect(await rows()).toEqual([
        ['alice phone', 'delivered', 1, 2, null],
        ['alice laptop', 'delivered', 5, 2, null],
        ['bob -', 'pending', null, null, null],
      ])
    })

    test.each(['an acknowledgement', 'a start'])(
      'D7: %s covers what stands at or below its seq now, not what stood there',
      async (way) => {
        await using opened = await open()
        const { store } = opened
        const ids = await sendMany(store, 'alice', 6)
        const { epoch } = await openDevice(store, 'alice', 'phone')
        const cover = async (seq: number) =>
          way === 'a start'
            ? openDevice(store, 'alice', 'phone', { kind: 'cursor', cursor: seq, epoch })
            : acknowledge(store, 'alice', 'phone', seq)
        // The fifth moves to 7 before the acknowledgement of 6 is there.
        await markIds(store, 'alice', 'read', ids.slice(4, 5))
        await cover(6)
        const states = async () => {
          const rows = await Promise.all(ids.map((id) => deliveriesOf(store, id)))
          return rows.flat().map((row) => row.replace('alice phone ', ''))
        }
        const five = numbers(1, 4).map(() => 'delivered')
        expect(await states()).toEqual([...five, 'pending', 'delivered'])
        await cover(7)
        expect(await states()).toEqual([...five, 'delivered', 'delivered'])
      },
    )
  })
}
