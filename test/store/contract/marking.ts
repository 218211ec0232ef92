import { isDeepStrictEqual } from 'node:util'
import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { MarkAction } from '../../../src/protocol/mark.js'
import type { EntryState } from '../../../src/protocol/notification.js'
import {
  AT,
  contentJsonOf,
  markIds,
  markUpTo,
  numbers,
  send,
  sendMany,
  seqsOf,
  titlesOf,
  type OpenStore,
} from './store-under-test.js'

/**
 * What each action makes of an entry after which others: the times at which it is seen, read and archived then, in
 * milliseconds after the beginning, by `-` where it is not. The first of the others came at 1, the action at 9; `=` says
 * that it changes nothing.
 */
const OUTCOMES: Readonly<Record<string, Readonly<Record<MarkAction, string>>>> = {
  '': { seen: '9 - -', read: '9 9 -', unread: '=', archived: '9 9 9', unarchived: '=' },
  seen: { seen: '=', read: '1 9 -', unread: '=', archived: '1 9 9', unarchived: '=' },
  read: { seen: '=', read: '=', unread: '1 - -', archived: '1 1 9', unarchived: '=' },
  'seen,read': { seen: '=', read: '=', unread: '1 - -', archived: '1 2 9', unarchived: '=' },
  'read,unread': { seen: '=', read: '1 9 -', unread: '=', archived: '1 9 9', unarchived: '=' },
  archived: { seen: '=', read: '=', unread: '1 - 1', archived: '=', unarchived: '1 1 -' },
  'read,archived': { seen: '=', read: '=', unread: '1 - 2', archived: '=', unarchived: '1 1 -' },
  'archived,unread': {
    seen: '=',
    read: '1 9 1',
    unread: '=',
    archived: '1 9 1',
    unarchived: '1 - -',
  },
  'archived,unarchived': {
    seen: '=',
    read: '=',
    unread: '1 - -',
    archived: '1 1 9',
    unarchived: '=',
  },
}

const timesOf = ({ seenAt, readAt, archivedAt }: EntryState): string =>
  [seenAt, readAt, archivedAt].map((at) => (at === null ? '-' : at - AT)).join(' ')

/** Does an action to an entry that stands as others have left it, and says what it made of it. */
async function outcomeOf(store: Store, history: string, action: MarkAction): Promise<string> {
  const user = `${history} ${action}`
  const ids = await sendMany(store, user, 1)
  const earlier = history === '' ? [] : history.split(',')
  for (const [index, name] of earlier.entries()) {
    await markIds(store, user, MarkAction.parse(name), ids, AT + index + 1)
  }
  const before = await store.head(user)
  const { moved } = await markIds(store, user, action, ids, AT + 9)
  const after = await store.head(user)

  const [entry] = (await store.list({ user, filter: 'all', before: undefined, limit: 1 })).entries
  if (!entry) throw new Error('the entry is gone')
  if (moved.length === 0) return isDeepStrictEqual(after, before) ? '=' : 'moved by none'
  expect(moved.map(({ state }) => timesOf(state))).toEqual([timesOf(entry)])
  expect(after.latest).toBe(before.latest + 1)
  const isInbox = entry.archivedAt === null
  expect(after).toMatchObject({
    unread: Number(isInbox && entry.readAt === null),
    unseen: Number(isInbox && entry.seenAt === null),
  })
  return timesOf(entry)
}

export function describeMarking(open: OpenStore): void {
  describe('marking', () => {
    test.each(MarkAction.options)('C1, C2: %s sets and clears its own times', async (action) => {
      await using opened = await open()
      const outcomes: [string, string][] = []
      for (const history of Object.keys(OUTCOMES)) {
        outcomes.push([history, await outcomeOf(opened.store, history, action)])
      }
      expect(outcomes).toEqual(
        Object.entries(OUTCOMES).map(([history, actions]) => [history, actions[action]]),
      )
    })

    test('C2: what changes nothing takes no seq, among what does', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 4)
      await markIds(store, 'alice', 'read', ids.slice(1, 3))
      expect(await seqsOf(store, 'alice')).toEqual([1, 4, 5, 6])
      const { moved, latest } = await markIds(store, 'alice', 'read', ids)
      expect(moved.map(({ from, state }) => [from, state.seq])).toEqual([
        [1, 7],
        [4, 8],
      ])
      expect(latest).toBe(8)
      expect(await seqsOf(store, 'alice')).toEqual([5, 6, 7, 8])
    })

    test('C3: each takes the next seq in order of arrival, and leaves the place where it stood', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 5)
      const [, second = '', , , fifth = ''] = ids
      const before = await store.list({ user: 'alice', before: undefined, limit: 5 })

      const first = await markIds(store, 'alice', 'seen', [fifth, second], AT + 1)
      expect(first.moved.map(({ id, from, state }) => [id, from, state.seq])).toEqual([
        [second, 2, 6],
        [fifth, 5, 7],
      ])
      const { moved } = await markUpTo(store, 'alice', 'read', 5, { at: AT + 2 })
      expect(moved.map(({ id }) => id)).toEqual(ids)
      expect(moved.map(({ from }) => from)).toEqual([1, 6, 3, 4, 7])
      expect(moved[1]?.state).toStrictEqual({
        seq: 9,
        arrivedSeq: 2,
        seenAt: AT + 1,
        readAt: AT + 2,
        archivedAt: null,
      })

      expect(await seqsOf(store, 'alice')).toEqual(numbers(8, 12))
      const after = await store.list({ user: 'alice', before: undefined, limit: 5 })
      expect(after.entries.map(contentJsonOf)).toEqual(before.entries.map(contentJsonOf))
      expect(after.entries.map(({ arrivedSeq }) => arrivedSeq)).toEqual([5, 4, 3, 2, 1])
      const next = await send(store, 'alice')
      expect(next.arrivals).toEqual([{ user: 'alice', seq: 13, unread: 1, unseen: 1 }])
    })

    test('C4: each tells the counts as of then, and the step and the head those of the end', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 4)
      const countsOf = async (action: MarkAction, named = ids) => {
        const { moved, next, ...log } = await markIds(store, 'alice', action, named)
        expect(log).toStrictEqual(await store.head('alice'))
        expect(next).toBeUndefined()
        return moved.map(({ unread, unseen }) => [unread, unseen])
      }
      expect(await countsOf('seen', ids.slice(0, 2))).toEqual([
        [4, 3],
        [4, 2],
      ])
      expect(await countsOf('read', ids.slice(1, 3))).toEqual([
        [3, 2],
        [2, 1],
      ])
      // In order of arrival: seen, read, read, new.
      expect(await countsOf('archived')).toEqual([
        [1, 1],
        [1, 1],
        [1, 1],
        [0, 0],
      ])
      // What is archived does not count, read or not.
      expect(await countsOf('unread', ids.slice(0, 1))).toEqual([[0, 0]])
      expect(await countsOf('unarchived')).toEqual([
        [1, 0],
        [1, 0],
        [1, 0],
        [1, 0],
      ])
      expect(await countsOf('unread', ids.slice(3))).toEqual([[2, 0]])
    })

    test('C5: by ids, passes over what is another user’s and what no one has', async () => {
      await using opened = await open()
      const { store } = opened
      const [own = ''] = await sendMany(store, 'alice', 1)
      const [others = ''] = await sendMany(store, 'bob', 1)
      const { receipt } = await send(store, ['bob', 'alice', 'carol'], { title: 'shared' })
      const before = await Promise.all(['bob', 'carol'].map((user) => store.head(user)))

      const passedOver = await markIds(store, 'alice', 'archived', [others, uuidv7(), '', '%'])
      expect(passedOver).toStrictEqual({
        ...(await store.head('alice')),
        moved: [],
        next: undefined,
      })
      const { moved } = await markIds(store, 'alice', 'read', [receipt.id, others, uuidv7(), own])
      expect(moved.map(({ id }) => id)).toEqual([own, receipt.id])
      expect(await Promise.all(['bob', 'carol'].map((user) => store.head(user)))).toEqual(before)
      const unread = { user: 'bob', filter: 'unread' as const, before: undefined, limit: 5 }
      expect(titlesOf((await store.list(unread)).entries)).toEqual(['shared', '1'])
    })

    test('C8: by ids, a step changes the first to arrive, up to its limit, and has no next', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = (await sendMany(store, 'alice', 4)).toReversed()
      const entries = { kind: 'ids' as const, ids }
      const mark = { user: 'alice', action: 'seen' as const, at: AT, limit: 2, entries }
      for (const arrived of [[1, 2], [3, 4], []]) {
        const { moved, next } = await store.mark(mark)
        expect(moved.map(({ state }) => state.arrivedSeq)).toEqual(arrived)
        expect(next).toBeUndefined()
      }
    })

    test('C9: makes no one known, and tells who is not an empty log', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 2)
      const nothing = { ...(await store.head('bob')), moved: [], next: undefined }
      expect(await markIds(store, 'bob', 'read', ids)).toStrictEqual(nothing)
      expect(await markUpTo(store, 'bob', 'read', 10)).toStrictEqual(nothing)
      expect(await store.latest(['bob'])).toEqual(new Map())
      expect(await store.head('alice')).toMatchObject({ latest: 2, unread: 2 })
    })

    test('C10: marks that come at once, among arrivals, take distinct seqs without holes', async () => {
      await using opened = await open()
      const { store } = opened
      const ids = await sendMany(store, 'alice', 20)
      const told = await Promise.all([
        ...ids.map(async (id) => (await markIds(store, 'alice', 'read', [id])).moved),
        ...ids.map(async () =>
          (await send(store, 'alice')).arrivals.map((arrival) => ({ ...arrival, state: arrival })),
        ),
        ...ids.map(async (id) => (await markIds(store, 'alice', 'archived', [id])).moved),
      ])
      const seqs = told.flat().map(({ state }) => state.seq)
      expect(seqs.toSorted((a, b) => a - b)).toEqual(numbers(21, 80))
      expect(await store.head('alice')).toMatchObject({ latest: 80, unread: 20, unseen: 20 })
    })
  })
}
