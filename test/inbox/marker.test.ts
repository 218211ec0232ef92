import { v7 as uuidv7 } from 'uuid'
import { describe, expect, test } from 'vitest'
import type { LogMove } from '../../src/inbox/wake.js'
import { deferred } from '../deferred.js'
import { AT, markIds, numbers, send } from '../store/contract/store-under-test.js'
import { openMarker, pathsOf } from './marker-under-test.js'

test('answers how many it changed and where the log stands, and tells of each entry as it moved', async () => {
  await using setup = await openMarker(4)
  const { marker, ids, store, moves } = setup
  await markIds(store, 'alice', 'read', ids.slice(1, 2))
  const [first = '', , third = ''] = ids
  const named = [third, first, ids[1] ?? '', uuidv7()]

  const result = await marker.mark('alice', { action: 'read', ids: named })

  expect(result).toStrictEqual({ updated: 2, unread: 1, unseen: 1, latest: 7 })
  const read = { seenAt: AT + 1_000, readAt: AT + 1_000, archivedAt: null }
  const moved = (id: string, from: number, seq: number, left: number): LogMove => ({
    user: 'alice',
    seq,
    change: {
      kind: 'moved',
      id,
      from,
      state: { seq, arrivedSeq: from, ...read },
      unread: left,
      unseen: left,
    },
  })
  expect(moves).toStrictEqual([moved(first, 1, 6, 2), moved(third, 3, 7, 1)])
})

test('answers and wakes no one where nothing changes', async () => {
  await using setup = await openMarker(2)
  const { marker, ids, moves } = setup
  const unchanged = { updated: 0, unread: 2, unseen: 2, latest: 2 }
  expect(await marker.mark('alice', { action: 'unread', ids })).toStrictEqual(unchanged)
  expect(await setup.upTo('alice', 'unarchived', 2)).toStrictEqual(unchanged)
  const nobody = { updated: 0, unread: 0, unseen: 0, latest: 0 }
  expect(await marker.mark('bob', { action: 'read', ids })).toStrictEqual(nobody)
  expect(await setup.upTo('bob', 'read', 2)).toStrictEqual(nobody)
  expect(moves).toEqual([])
  expect(await setup.store.latest(['alice', 'bob'])).toEqual(new Map([['alice', 2]]))
})

test('counts an id that is named twice once, also where the steps would part the two', async () => {
  await using setup = await openMarker(150)
  const { marker, ids, moves, steps } = setup
  const [first = ''] = ids
  const named = [first, first, ...ids, ...ids.toReversed()]
  expect(await marker.mark('alice', { action: 'read', ids: named })).toMatchObject({ updated: 150 })
  expect(pathsOf(moves)).toEqual(numbers(1, 150).map((seq) => [seq, 150 + seq]))
  expect(steps).toHaveLength(2)
})

test.each(['ids', 'upTo'] as const)(
  'by %s, changes 250 in steps of 100, with other writes between, all at one time',
  async (way) => {
    await using setup = await openMarker(250)
    const { store, wake, ids, moves, steps } = setup
    const others: Promise<number | undefined>[] = []
    // What is asked when a step is told goes before the next one.
    wake.subscribe(({ seq }) => {
      if (seq % 100 === 50) others.push(send(store, 'alice').then(({ receipt }) => receipt.seq))
    })
    const marking =
      way === 'ids'
        ? setup.marker.mark('alice', { action: 'archived', ids })
        : setup.upTo('alice', 'archived', 250)
    expect(await marking).toStrictEqual({ updated: 250, unread: 2, unseen: 2, latest: 502 })

    expect(await Promise.all(others)).toEqual([351, 452])
    expect(pathsOf(moves)).toEqual([
      ...numbers(1, 100).map((seq) => [seq, 250 + seq]),
      ...numbers(101, 200).map((seq) => [seq, 251 + seq]),
      ...numbers(201, 250).map((seq) => [seq, 252 + seq]),
    ])
    expect(steps).toHaveLength(3)
    expect(new Set(steps.map(({ limit }) => limit))).toEqual(new Set([100]))
    expect(new Set(steps.map(({ at }) => at)).size).toBe(1)
    expect(await store.head('alice')).toMatchObject({ unread: 2, unseen: 2 })
  },
)

test('up to a seq beyond the log, leaves unread what arrives between two steps', async () => {
  await using setup = await openMarker(200)
  const { store, wake } = setup
  const others: Promise<unknown>[] = []
  wake.subscribe(({ seq }) => {
    if (seq === 300 || seq === 401) others.push(send(store, 'alice', { title: 'new' }))
  })
  const marked = await setup.upTo('alice', 'read', 1_000_000)
  await Promise.all(others)
  // Each came before a step that went on where the one before it ended, the second before one that found nothing.
  expect(marked).toMatchObject({ updated: 200, unread: 2 })
  expect(setup.steps).toHaveLength(3)
  const query = { user: 'alice', filter: 'unread' as const, before: undefined, limit: 5 }
  const { entries } = await store.list(query)
  expect(entries.map(({ seq, arrivedSeq }) => [seq, arrivedSeq])).toEqual([
    [402, 402],
    [301, 301],
  ])
})

test('up to a seq, takes one type alone where it is named, in every step', async () => {
  await using setup = await openMarker()
  const { store } = setup
  const types = numbers(1, 300).map((number) => (number % 2 === 0 ? 'even' : 'odd'))
  for (const type of types) await send(store, 'alice', { type })
  expect(await setup.upTo('alice', 'seen', 300, 'even')).toMatchObject({
    updated: 150,
    unread: 300,
    unseen: 150,
  })
  const unseen = { user: 'alice', filter: 'unseen' as const, before: undefined, limit: 300 }
  expect((await store.list({ ...unseen, type: 'even' })).entries).toEqual([])
  expect((await store.list({ ...unseen, type: 'odd' })).entries).toHaveLength(150)
})

describe('an epoch', () => {
  test('of another log is refused, and nothing changes', async () => {
    await using setup = await openMarker(2)
    const mark = { action: 'read' as const, upTo: 2, epoch: 'another' }
    for (const user of ['alice', 'bob']) {
      const marking = setup.marker.mark(user, mark)
      await expect(marking).rejects.toMatchObject({ code: 'epoch_mismatch' })
    }
    expect(setup.moves).toEqual([])
    expect(await setup.store.head('alice')).toMatchObject({ latest: 2, unread: 2 })
  })

  test('that ends between two steps ends the mark', async () => {
    await using setup = await openMarker(150)
    setup.replaceable.answer = (command) =>
      setup.steps.length === 1
        ? setup.store.mark(command)
        : Promise.resolve({
            epoch: 'another',
            latest: 0,
            horizon: 0,
            unread: 0,
            unseen: 0,
            moved: [],
            next: undefined,
          })
    const marking = setup.upTo('alice', 'read', 150)
    await expect(marking).rejects.toMatchObject({ code: 'epoch_mismatch' })
    expect(setup.moves).toHaveLength(100)
  })
})

test('rejects where the store can not answer, and what was done before has been told', async () => {
  await using setup = await openMarker(250)
  const { store, marker, ids, moves, steps } = setup
  setup.replaceable.answer = (command) =>
    steps.length === 2 ? store.close().then(() => store.mark(command)) : store.mark(command)
  const marking = marker.mark('alice', { action: 'read', ids })
  await expect(marking).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(pathsOf(moves)).toEqual(numbers(1, 100).map((seq) => [seq, 250 + seq]))
  expect(steps).toHaveLength(2)
})

describe('many marks of one user', () => {
  test('go one after the other, and those of others beside them', async () => {
    await using setup = await openMarker(150)
    const { marker, ids, store, steps } = setup
    const { receipt } = await send(store, 'bob')
    const marking = [
      marker.mark('alice', { action: 'read', ids }),
      marker.mark('alice', { action: 'unread', ids }),
      marker.mark('bob', { action: 'read', ids: [receipt.id] }),
    ]
    expect(await Promise.all(marking)).toMatchObject([
      { updated: 150, unread: 0, latest: 300 },
      { updated: 150, unread: 150, latest: 450 },
      { updated: 1, unread: 0 },
    ])
    expect(steps.map(({ user, action }) => `${user} ${action}`)).toEqual([
      'alice read',
      'bob read',
      'alice read',
      'alice unread',
      'alice unread',
    ])
  })

  test('are refused where a hundred wait, until there are fewer', async () => {
    await using setup = await openMarker(1)
    const { marker, ids, store, replaceable } = setup
    const held = deferred<void>()
    replaceable.answer = (command) => held.promise.then(() => store.mark(command))
    const mark = () => marker.mark('alice', { action: 'read', ids })
    const marking = numbers(1, 100).map(mark)
    await expect(mark()).rejects.toMatchObject({ code: 'rate_limited' })
    held.resolve()
    await Promise.all(marking)
    expect(await mark()).toMatchObject({ updated: 0 })
  })

  test('go on after one that failed', async () => {
    await using setup = await openMarker(2)
    const { marker, ids, store, steps, replaceable } = setup
    replaceable.answer = (command) =>
      steps.length === 1 ? Promise.reject(new Error('of this one alone')) : store.mark(command)
    const failing = marker.mark('alice', { action: 'read', ids })
    const next = marker.mark('alice', { action: 'seen', ids })
    await expect(failing).rejects.toThrow('of this one alone')
    expect(await next).toMatchObject({ updated: 2 })
  })
})
