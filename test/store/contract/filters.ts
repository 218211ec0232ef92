import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import type { InboxFilter, Store } from '../../../src/inbox/store.js'
import {
  AT,
  contentJsonOf,
  markIds,
  markUpTo,
  numbers,
  send,
  sendMany,
  titlesOf,
  type OpenStore,
} from './store-under-test.js'

const FILTERS: readonly InboxFilter[] = ['inbox', 'unread', 'unseen', 'archived', 'all']

/** The titles of alice's inbox by a filter, page by page; `between` runs after each. */
async function pagesOf(
  store: Store,
  query: { filter?: InboxFilter; type?: string; limit: number },
  between: (page: number) => Promise<unknown> = () => Promise.resolve(),
): Promise<(string | null)[][]> {
  const pages: (string | null)[][] = []
  let before: number | undefined
  do {
    const page = await store.list({ user: 'alice', ...query, before })
    pages.push(titlesOf(page.entries))
    before = page.next
    if (pages.length > 100) throw new Error('the pages have no end')
    await between(pages.length)
  } while (before !== undefined)
  return pages
}

export function describeFilters(open: OpenStore): void {
  describe('filters', () => {
    test('F1: each shows what it names, newest first, and without one all that is not archived', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 6)
      const mark = async (number: number, ...actions: Parameters<typeof markIds>[2][]) => {
        for (const action of actions) {
          await markIds(store, 'alice', action, ids.slice(number - 1, number))
        }
      }
      await mark(2, 'seen')
      await mark(3, 'read')
      await mark(4, 'archived')
      await mark(5, 'archived', 'unread')
      await mark(6, 'archived', 'unarchived', 'unread')
      const shown = async (filter?: InboxFilter) => {
        const query = { user: 'alice', before: undefined, limit: 10 }
        const page = await store.list({ ...query, ...(filter && { filter }) })
        expect(page).toMatchObject({ unread: 3, unseen: 1, latest: 14, next: undefined })
        return titlesOf(page.entries).join('')
      }
      expect(await shown()).toBe('6321')
      expect(await shown('inbox')).toBe('6321')
      expect(await shown('unread')).toBe('621')
      expect(await shown('unseen')).toBe('1')
      expect(await shown('archived')).toBe('54')
      expect(await shown('all')).toBe('654321')
    })

    test('F1: a type is one type alone, whatever else the content holds', async () => {
      await using opened = await open()
      const { store } = opened
      const types = ['order', 'Order', 'order.shipped', '1', '1.0', 'null', 'order']
      // What JSON within SQL takes badly: other fields of that name, escapes, large numbers.
      const data = { type: 'order', awkward: '"\\ \u0000 \ud800 😀', number: 1e300, 'a"b.c': [] }
      for (const [index, type] of types.entries()) {
        await send(store, 'alice', { type, data, title: String(index + 1) })
      }
      const shown = async (type: string, filter?: InboxFilter) =>
        (await pagesOf(store, { type, limit: 1, ...(filter && { filter }) })).flat().join('')
      expect(await shown('order')).toBe('71')
      expect(await shown('Order')).toBe('2')
      expect(await shown('order.shipped')).toBe('3')
      expect(await shown('1')).toBe('4')
      expect(await shown('null')).toBe('6')
      expect(await shown('order_shipped')).toBe('')
      await markUpTo(store, 'alice', 'read', 3)
      expect(await shown('order', 'unread')).toBe('7')
      expect(await shown('order', 'archived')).toBe('')
      expect(await shown('order', 'all')).toBe('71')
    })

    test.each(FILTERS)('F2: %s, by pages, has each once', async (filter) => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 12)
      const every = (nth: number) => ids.filter((_, index) => index % nth === 0)
      await markIds(store, 'alice', 'seen', every(2))
      await markIds(store, 'alice', 'read', every(3))
      await markIds(store, 'alice', 'archived', every(4))
      const [whole = []] = await pagesOf(store, { filter, limit: 100 })
      expect(whole.length).toBeGreaterThan(2)
      for (const limit of [1, 2, whole.length - 1, whole.length]) {
        const pages = await pagesOf(store, { filter, limit })
        expect(pages.flat()).toEqual(whole)
        expect(pages).toHaveLength(Math.ceil(whole.length / limit))
      }
    })

    test('F2: pages neither skip nor repeat what stays, while entries are marked and arrive', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 20)
      // These leave the filter, some once they are shown and some before; the others move in the log, and stay.
      const leaving = new Set([20, 18, 15, 12, 9, 6, 3])
      const between = async (page: number) => {
        await markIds(store, 'alice', 'seen', ids, AT + page)
        const now = [...leaving].slice(page - 1, page + 2)
        await markIds(
          store,
          'alice',
          'read',
          now.map((number) => ids[number - 1] ?? ''),
        )
        await sendMany(store, 'alice', 1, 20 + page)
      }
      const shown = (await pagesOf(store, { filter: 'unread', limit: 3 }, between)).flat()
      expect(new Set(shown).size).toBe(shown.length)
      const staying = numbers(1, 20).filter((number) => !leaving.has(number))
      const shownOfStaying = shown.filter((title) => staying.includes(Number(title)))
      expect(shownOfStaying).toEqual(staying.toReversed().map(String))
      expect(shown.every((title) => Number(title) <= 20)).toBe(true)
    })
  })

  describe('one entry', () => {
    test('R9: is given as it stands, to the user who has it', async () => {
      await using opened = await open()
      const { store } = opened
      const { receipt } = await send(store, ['alice', 'bob'], { title: 'both' })
      const list = { user: 'alice', filter: 'all' as const, before: undefined, limit: 1 }
      for (const action of ['seen', 'archived', 'unread'] as const) {
        await markIds(store, 'alice', action, [receipt.id], AT + 1)
        const entry = await store.entry({ user: 'alice', id: receipt.id })
        expect(entry).toStrictEqual((await store.list(list)).entries[0])
        expect(JSON.parse(contentJsonOf(entry))).toMatchObject({ title: 'both' })
      }
      expect(await store.entry({ user: 'bob', id: receipt.id })).toMatchObject({
        seq: 1,
        seenAt: null,
        archivedAt: null,
      })
    })

    test('R9: is none for who does not have it, for who is not known, and for an id that is not', async () => {
      await using opened = await open()
      const { store } = opened
      const [id = ''] = await sendMany(store, 'alice', 1)
      await sendMany(store, 'bob', 1)
      for (const user of ['bob', 'carol', 'Alice']) {
        expect(await store.entry({ user, id })).toBeUndefined()
      }
      expect(await store.entry({ user: 'alice', id: uuidv7() })).toBeUndefined()
      expect(await store.entry({ user: 'alice', id: '' })).toBeUndefined()
      expect(await store.latest(['carol'])).toEqual(new Map())
    })
  })
}
