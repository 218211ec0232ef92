import { expect, test } from 'vitest'
import type { Notification } from '../../src/client/frames.js'
import { deferred } from '../deferred.js'
import { idOf, notification } from './fake-server.js'
import { failureOf, World, type Client } from './world.js'

const AT = '2026-11-22T10:00:00.000Z'

/** What a service lists whose log has this many entries. */
function listOf(count: number): { items: Notification[]; epoch: string; latest: number } {
  const items = Array.from({ length: count }, (_, index) => notification(count - index))
  return { items, epoch: 'epoch-1', latest: count }
}

/** The titles from one number down to another, as they are shown. */
function numbers(from: number, to: number): string[] {
  return Array.from({ length: from - to + 1 }, (_, index) => String(from - index))
}

/** A connection that was welcomed, over an inbox with so many entries, of which some are held. */
async function opened(world: World, count: number, maxItems = 2): Promise<Client> {
  world.server.list = listOf(count)
  const client = world.open({ maxItems })
  await world.time.settle()
  world.server.last.welcome({ cursor: count, latest: count })
  await world.time.settle()
  return client
}

test('says whether there are older ones than it holds, and holds fifty more each time', async () => {
  await using world = new World()
  const client = await opened(world, 180, 100)
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(180, 81), true])
  await client.inbox.loadMore()
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(180, 31), true])
  await client.inbox.loadMore()
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(180, 1), false])
  await world.time.settle()
  expect(client.heard.items.map(({ length }) => length)).toEqual([0, 100, 150, 180])
  expect(world.server.asked.map(({ url }) => url.search)).toEqual([
    '?limit=100',
    '?limit=100',
    '?limit=100&page=100',
    '?limit=100',
    '?limit=100&page=100',
  ])
})

test('takes two calls at once for one', async () => {
  await using world = new World()
  const client = await opened(world, 180)
  await Promise.all([client.inbox.loadMore(), client.inbox.loadMore()])
  expect(client.titles).toEqual(numbers(180, 129))
  await client.inbox.loadMore()
  expect(client.titles).toEqual(numbers(180, 79))
  expect(world.server.asked.map(({ url }) => url.search)).toEqual([
    '?limit=2',
    '?limit=52',
    '?limit=100',
    '?limit=100&page=100',
  ])
})

test('keeps the raised number: of what comes then the oldest goes, and can be loaded', async () => {
  await using world = new World()
  const client = await opened(world, 52)
  await client.inbox.loadMore()
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(52, 1), false])
  world.server.last.notify(notification(53))
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(53, 2), true])
  world.server.list = listOf(53)
  await client.inbox.loadMore()
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(53, 1), false])
})

test('lists where nothing was to be held, once it is asked to', async () => {
  await using world = new World()
  const client = await opened(world, 60, 0)
  expect([client.titles, client.inbox.hasMore]).toEqual([[], false])
  world.server.list = listOf(61)
  world.server.last.notify(notification(61))
  expect([client.titles, client.inbox.hasMore]).toEqual([[], true])
  await client.inbox.loadMore()
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(61, 12), true])
})

test('loses nothing that is told while the list is on its way, of what was not held before either', async () => {
  await using world = new World()
  const client = await opened(world, 6)
  const gate = deferred<void>()
  world.server.gate = gate.promise
  const loaded = client.inbox.loadMore()
  const state = { seenAt: AT, readAt: AT, archivedAt: null }
  world.server.last.say(
    { type: 'updated', payload: { seq: 7, id: idOf(1), ...state } },
    { type: 'updated', payload: { seq: 8, id: idOf(2), ...state, archivedAt: AT } },
    { type: 'removed', payload: { seq: 9, id: idOf(3), reason: 'recalled' } },
  )
  world.server.last.notify(notification(10))
  gate.resolve()
  await loaded
  expect(client.titles).toEqual(['10', '6', '5', '4', '1'])
  expect(client.inbox.items().at(-1)).toMatchObject({ seq: 7, readAt: AT })
})

test('shows nothing older than what it has yet to load', async () => {
  await using world = new World()
  const client = await opened(world, 6)
  // An older one would leave a hole, though there is room for it.
  world.server.last.say({
    type: 'updated',
    payload: { seq: 7, id: idOf(5), seenAt: AT, readAt: AT, archivedAt: AT },
  })
  world.server.last.notify(notification(2, { seq: 8 }))
  expect([client.titles, client.inbox.hasMore]).toEqual([['6'], true])
})

test('waits for the list that a gap meanwhile has asked for', async () => {
  await using world = new World()
  const client = await opened(world, 6)
  const gate = deferred<void>()
  world.server.gate = gate.promise
  const loaded = client.inbox.loadMore()
  world.server.gate = Promise.resolve()
  world.server.list = { ...listOf(9), items: listOf(9).items.slice(0, 4) }
  world.server.last.say({ type: 'gap', payload: { from: 6, to: 8, reason: 'retention' } })
  await loaded
  gate.resolve()
  await world.time.settle()
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(9, 6), false])
})

test('waits for the list of the new log where another begins meanwhile', async () => {
  await using world = new World()
  const client = await opened(world, 6)
  world.server.last.end(1012)
  await world.time.pass(500)
  const gate = deferred<void>()
  world.server.gate = gate.promise
  const loaded = client.inbox.loadMore()
  world.server.gate = Promise.resolve()
  world.server.list = { ...listOf(120), epoch: 'epoch-2' }
  world.server.last.welcome({ epoch: 'epoch-2', cursor: 120, latest: 120 })
  expect([client.titles, client.inbox.hasMore]).toEqual([[], false])
  await loaded
  expect([client.titles, client.inbox.hasMore]).toEqual([numbers(120, 69), true])
  gate.resolve()
  await world.time.settle()
  expect(client.titles).toEqual(numbers(120, 69))
})

test('fails after its deadline; the list is still tried, and asking again does not add to it', async () => {
  await using world = new World()
  const client = await opened(world, 180)
  world.server.list = undefined
  const late = failureOf(client.inbox.loadMore())
  await world.time.pass(10_000)
  expect(await late).toMatchObject({ code: 'deadline_exceeded', retryable: true })
  expect([client.titles, client.errors]).toEqual([numbers(180, 179), ['list_failed']])
  world.server.list = listOf(180)
  // At once, though the next attempt was due later.
  await client.inbox.loadMore()
  expect(client.titles).toEqual(numbers(180, 129))
  await world.time.pass(60_000)
  expect(world.server.asked.at(-1)?.url.search).toBe('?limit=52')
})

test('waits for the first connection', async () => {
  await using world = new World()
  world.server.list = listOf(60)
  const client = world.open({ maxItems: 2, token: () => new Promise(() => undefined) })
  const late = failureOf(client.inbox.loadMore())
  await world.time.pass(10_000)
  expect(await late).toMatchObject({ code: 'deadline_exceeded' })
  expect(world.server.asked).toEqual([])

  const other = world.open({ maxItems: 2 })
  const loaded = other.inbox.loadMore()
  await world.time.settle()
  world.server.last.welcome({ cursor: 60, latest: 60 })
  await loaded
  expect(other.titles).toEqual(numbers(60, 9))
})

test('fails when the inbox is closed, and from then on', async () => {
  await using world = new World()
  const client = await opened(world, 6)
  world.server.gate = deferred<void>().promise
  const waiting = failureOf(client.inbox.loadMore())
  world.server.last.end(4403, 'revoked')
  expect(await waiting).toMatchObject({ code: 'closed', retryable: false })
  expect(await failureOf(client.inbox.loadMore())).toMatchObject({ code: 'closed' })
  await client.inbox.close()
  expect(world.time.timers).toBe(0)
})
