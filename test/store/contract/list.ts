import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { numbers, sendMany, titlesOf, type OpenStore } from './store-under-test.js'

/** The titles of a user's inbox, page by page; `between` runs after each. */
async function pagesOf(
  store: Store,
  user: string,
  limit: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<(string | null)[][]> {
  const pages: (string | null)[][] = []
  let before: number | undefined
  do {
    const page = await store.list({ user, before, limit })
    pages.push(titlesOf(page.entries))
    before = page.next
    if (pages.length > 100) throw new Error('the pages have no end')
    await between()
  } while (before !== undefined)
  return pages
}

const downFrom = (count: number): string[] => numbers(1, count).toReversed().map(String)

export function describeList(open: OpenStore): void {
  describe('listing', () => {
    test('R5: gives the newest first, with the head of the log', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 3)
      await sendMany(store, 'bob', 2)
      const { entries, next, ...head } = await store.list({
        user: 'alice',
        before: undefined,
        limit: 10,
      })
      expect(titlesOf(entries)).toEqual(['3', '2', '1'])
      expect(entries.map(({ seq, arrivedSeq }) => [seq, arrivedSeq])).toEqual([
        [3, 3],
        [2, 2],
        [1, 1],
      ])
      expect(next).toBeUndefined()
      expect(head).toStrictEqual(await store.head('alice'))
    })

    test('R5: pages have each once, and the last has no next', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 10)
      for (const limit of [1, 2, 4, 9, 10, 11]) {
        const pages = await pagesOf(store, 'alice', limit)
        expect(pages.flat()).toEqual(downFrom(10))
        expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true)
        expect(pages).toHaveLength(Math.ceil(10 / limit))
      }
    })

    test('R5: pages neither skip nor repeat while new ones arrive', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 10)
      let count = 10
      const pages = await pagesOf(store, 'alice', 3, async () => {
        await sendMany(store, 'alice', 2, count + 1)
        count += 2
      })
      expect(pages.flat()).toEqual(downFrom(10))
      expect((await pagesOf(store, 'alice', 100)).flat()).toEqual(downFrom(count))
    })

    test('R5: has nothing before the first', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 2)
      expect(await store.list({ user: 'alice', before: 1, limit: 5 })).toMatchObject({
        entries: [],
        next: undefined,
        latest: 2,
      })
    })
  })
}
