import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import type { ChangesQuery, Store } from '../../../src/inbox/store.js'
import {
  ALL,
  AT,
  contentOf,
  numbers,
  send,
  sendCommand,
  sendMany,
  titlesOf,
  type OpenStore,
  known,
  readChanges,
} from './store-under-test.js'

/** Every `seq` of a user's log, read page by page until a page reaches its end. */
async function pageThrough(store: Store, query: Omit<ChangesQuery, 'after'>): Promise<number[][]> {
  const pages: number[][] = []
  let after = 0
  let latest = Number.MAX_SAFE_INTEGER
  while (after < latest) {
    const page = await readChanges(store, { ...query, after })
    pages.push(page.entries.map(({ seq }) => seq))
    if (page.through <= after) throw new Error('a page of changes did not go on')
    after = page.through
    latest = page.latest
  }
  return pages
}

export function describeReading(open: OpenStore): void {
  describe('reading', () => {
    test('R1: gives what comes after a position, in order, with its state and the head', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 2)
      const command = sendCommand('alice', { title: '3' })
      await store.send(command)
      await sendMany(store, 'bob', 5)

      const page = await readChanges(store, { user: 'alice', after: 1, ...ALL })
      expect(titlesOf(page.entries)).toEqual(['2', '3'])
      expect(page.entries[1]).toStrictEqual({
        kind: 'whole',
        seq: 3,
        arrivedSeq: 3,
        seenAt: null,
        readAt: null,
        archivedAt: null,
        contentJson: command.contentJson,
      })
      const { entries: _entries, through, ...head } = page
      expect(head).toStrictEqual(await store.head('alice'))
      expect(head).toMatchObject({ latest: 3, horizon: 0, unread: 3, unseen: 3 })
      expect(through).toBe(3)
    })

    test('R1: has nothing after the end of the log', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 3)
      for (const after of [3, 4, 10]) {
        const page = await readChanges(store, { user: 'alice', after, ...ALL })
        expect(page).toMatchObject({ entries: [], latest: 3 })
        expect(page.through).toBeGreaterThanOrEqual(3)
      }
    })

    test('R2: a page has at most its limit, and through is where the next goes on', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 10)
      for (const limit of [1, 3, 7, 10, 11]) {
        const pages = await pageThrough(store, { user: 'alice', ...ALL, limit })
        expect(pages.flat()).toEqual(numbers(1, 10))
        expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true)
        expect(pages).toHaveLength(Math.ceil(10 / limit))
      }
    })

    test('R3: a page ends with the entry that takes it over its bytes, counted in UTF-8', async () => {
      await using opened = await open()
      const { store } = opened
      // Some 3,300 bytes each, of some 1,300 characters.
      for (let count = 0; count < 5; count++) {
        await send(store, 'alice', { title: '€'.repeat(1_000) })
      }
      const pages = await pageThrough(store, { at: AT, user: 'alice', limit: 100, maxBytes: 5_000 })
      expect(pages).toEqual([[1, 2], [3, 4], [5]])
    })

    test('R3: at least one entry comes, however large it is', async () => {
      await using opened = await open()
      const { store } = opened
      for (let count = 0; count < 3; count++) {
        await send(store, 'alice', { title: 'x'.repeat(60_000) })
      }
      const pages = await pageThrough(store, { at: AT, user: 'alice', limit: 100, maxBytes: 1 })
      expect(pages).toEqual([[1], [2], [3]])
    })

    test('R4: pages of changes give each entry once, while more arrive', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 50)
      const sending = sendMany(store, 'alice', 100, 51)
      const during = await pageThrough(store, { user: 'alice', ...ALL, limit: 7 })
      await sending
      const after = during.flat().at(-1) ?? 0
      const rest = await readChanges(store, { user: 'alice', after, ...ALL })
      const seqs = [...during.flat(), ...rest.entries.map(({ seq }) => seq)]
      expect(seqs).toEqual(numbers(1, 150))
    })

    test('R6: what a read gives is of one moment, while others write', async () => {
      await using opened = await open()
      const { store } = opened
      // One after the other, so that they are many transactions, each of which may end in the midst of a read.
      const sending = (async () => {
        for (let count = 0; count < 200; count++) await send(store, ['alice', 'bob'])
      })()
      let reached = 0
      while (reached < 200) {
        const queries = numbers(1, 5).map(() =>
          readChanges(store, { user: 'alice', after: 0, ...ALL }),
        )
        const lists = numbers(1, 5).map(() =>
          store.list({ user: 'bob', before: undefined, limit: ALL.limit }),
        )
        for (const page of await Promise.all(queries)) {
          expect(page.entries.map(({ seq }) => seq)).toEqual(numbers(1, page.latest))
          expect(page).toMatchObject({ through: page.latest, unread: page.latest })
          reached = page.latest
        }
        for (const list of await Promise.all(lists)) {
          expect(list.entries).toHaveLength(list.latest)
          expect(list).toMatchObject({ unread: list.latest, unseen: list.latest })
        }
        const latest = await store.latest(['alice', 'bob'])
        expect(latest.get('alice')).toBe(latest.get('bob'))
      }
      await sending
    })

    test('R6: a read that is asked for after a write has resolved sees it', async () => {
      await using opened = await open()
      const { store } = opened
      for (const number of numbers(1, 100)) {
        const { receipt } = await send(store, 'alice')
        const [head, latest, overview] = await Promise.all([
          store.head('alice'),
          store.latest(['alice']),
          store.notification(known(receipt.id)),
        ])
        expect([head.latest, latest.get('alice')]).toEqual([number, number])
        expect(overview?.id).toBe(receipt.id)
      }
    })

    test('R7: who is not known has an empty log, and reading makes no one known', async () => {
      await using opened = await open()
      const { store } = opened
      await sendMany(store, 'alice', 1)
      const empty = { latest: 0, horizon: 0, unread: 0, unseen: 0 }
      expect(await store.head('bob')).toMatchObject(empty)
      expect(await readChanges(store, { user: 'bob', after: 0, ...ALL })).toMatchObject({
        ...empty,
        entries: [],
        through: 0,
      })
      expect(await store.list({ user: 'bob', before: undefined, limit: 5 })).toMatchObject({
        ...empty,
        entries: [],
        next: undefined,
      })
      expect(await store.latest(['bob', 'alice', 'bob'])).toEqual(new Map([['alice', 1]]))
      expect(await store.latest([])).toEqual(new Map())
    })

    test('R8: gives a notification with its recipients, and nothing for an id that is not known', async () => {
      await using opened = await open()
      const { store } = opened
      const options = { title: 'Shipped', data: { order: [8812] }, at: AT + 1 }
      const command = sendCommand(['alice', 'bob'], options)
      await store.send(command)
      expect(await store.notification(known(command.id))).toStrictEqual({
        ...contentOf(command),
        status: 'stored',
        recipients: { total: 2, stored: 2 },
      })
      expect(await store.notification(known(uuidv7()))).toBeUndefined()
      expect(await store.notification(known(''))).toBeUndefined()
    })
  })
}
