import { describe, expect, test } from 'vitest'
import type { MarkedStep, Store } from '../../../src/inbox/store.js'
import { markIds, markUpTo, numbers, send, sendMany, type OpenStore } from './store-under-test.js'

/** The `arrivedSeq` of each entry that a step has moved. */
const arrivedOf = ({ moved }: MarkedStep): number[] => moved.map(({ state }) => state.arrivedSeq)

/** Every step of a mark, each of which begins where the one before says. */
async function stepsOf(
  store: Store,
  { upTo, limit }: { upTo: number; limit: number },
): Promise<number[][]> {
  const steps: number[][] = []
  let after: number | undefined = 0
  while (after !== undefined) {
    const step = await markUpTo(store, 'alice', 'read', upTo, { after, limit })
    steps.push(arrivedOf(step))
    if (step.next !== undefined && step.next <= after) throw new Error('a step did not go on')
    after = step.next
  }
  return steps
}

export function describeMarkingUpTo(open: OpenStore): void {
  describe('marking up to a seq', () => {
    test('C6: takes what arrived at or before it, and after the position, wherever it stands now', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 6)
      // The first two move to 7 and 8: beyond the bounds by where they stand, within by where they arrived.
      await markIds(store, 'alice', 'seen', ids.slice(0, 2))
      await sendMany(store, 'alice', 1)

      expect(arrivedOf(await markUpTo(store, 'alice', 'read', 0))).toEqual([])
      expect(arrivedOf(await markUpTo(store, 'alice', 'read', 1))).toEqual([1])
      expect(arrivedOf(await markUpTo(store, 'alice', 'read', 4, { after: 2 }))).toEqual([3, 4])
      expect(arrivedOf(await markUpTo(store, 'alice', 'read', 8))).toEqual([2, 5, 6])
      // What arrived at 9 stands among what moved to 10 and beyond.
      expect(arrivedOf(await markUpTo(store, 'alice', 'seen', 9))).toEqual([9])
      expect(await store.head('alice')).toMatchObject({ unread: 1, unseen: 0 })
    })

    test('C6: takes one type alone where it is named, and no other that is like it', async () => {
      await using opened = await open()
      const { store } = opened
      const types = ['order', 'Order', 'order.shipped', '1', '1.0', 'null', 'order']
      for (const type of types) await send(store, 'alice', { type })
      const bound = types.length
      const marked = async (type: string | undefined) =>
        arrivedOf(await markUpTo(store, 'alice', 'archived', bound, { type }))
      expect(await marked('order_shipped')).toEqual([])
      expect(await marked('order')).toEqual([1, 7])
      expect(await marked('1')).toEqual([4])
      expect(await marked('null')).toEqual([6])
      expect(await marked(undefined)).toEqual([2, 3, 5])
    })

    test('C6: takes nothing of another user', async () => {
      await using opened = await open()
      const { store } = opened
      await send(store, ['alice', 'bob'])
      await sendMany(store, 'bob', 2)
      expect(arrivedOf(await markUpTo(store, 'alice', 'read', 100))).toEqual([1])
      expect(await store.head('bob')).toMatchObject({ latest: 3, unread: 3, unseen: 3 })
    })

    test('C7: in another epoch changes nothing, and tells the log’s own', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 3)
      const nothing = { moved: [], next: undefined }
      const head = await store.head('alice')
      for (const limit of [1, 100]) {
        const step = await markUpTo(store, 'alice', 'read', 3, { epoch: 'another', limit })
        expect(step).toStrictEqual({ ...head, ...nothing })
      }
      expect(await store.head('alice')).toStrictEqual(head)
      const stranger = await markUpTo(store, 'bob', 'read', 3, { epoch: 'another' })
      expect(stranger).toStrictEqual({ ...(await store.head('bob')), ...nothing })
    })

    test('C8: a step changes at most its limit, and steps together change each once', async () => {
      await using opened = await open()
      const { store } = opened
      for (const limit of [1, 3, 4, 8, 9]) {
        await markUpTo(store, 'alice', 'unread', 1_000)
        const ids = await sendMany(store, 'alice', 4)
        // What needs no change takes no room in a step.
        await markIds(store, 'alice', 'read', ids.slice(1, 3))
        const page = await store.list({
          user: 'alice',
          filter: 'unread',
          before: undefined,
          limit: 100,
        })
        const unread = page.entries.map(({ arrivedSeq }) => arrivedSeq).toReversed()
        // The newest stays out.
        const upTo = (unread.at(-1) ?? 0) - 1
        const steps = await stepsOf(store, { upTo, limit })
        expect(steps.flat()).toEqual(unread.slice(0, -1))
        expect(steps.slice(0, -1).every(({ length }) => length === limit)).toBe(true)
        expect(await store.head('alice')).toMatchObject({ unread: 1 })
      }
    })

    test('C8: steps pass over nothing while others mark, and nothing arrives in between', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 9)
      const first = await markUpTo(store, 'alice', 'read', 9, { limit: 3 })
      expect([arrivedOf(first), first.next]).toEqual([numbers(1, 3), 3])
      // Those that wait move on, one of them is done by another, and one that was done is undone.
      await markIds(store, 'alice', 'seen', ids.slice(3))
      await markIds(store, 'alice', 'read', ids.slice(4, 5))
      await markIds(store, 'alice', 'unread', ids.slice(0, 1))
      await sendMany(store, 'alice', 2)
      const second = await markUpTo(store, 'alice', 'read', 9, { limit: 3, after: first.next ?? 0 })
      expect([arrivedOf(second), second.next]).toEqual([[4, 6, 7], 7])
      const third = await markUpTo(store, 'alice', 'read', 9, { limit: 3, after: second.next ?? 0 })
      expect([arrivedOf(third), third.next]).toEqual([[8, 9], undefined])
      // Undone behind the steps, or new: both stay unread.
      expect(await store.head('alice')).toMatchObject({ unread: 3, unseen: 2 })
    })
  })
}
