import { expect, test } from 'vitest'
import type { Notification } from '../../src/client/frames.js'
import { deferred } from '../deferred.js'
import { idOf, notification } from './fake-server.js'
import { World, type Client } from './world.js'

const AT = '2026-11-22T10:00:00.000Z'

/** A change of state of the notification of this number: where nothing else is said, it is no longer archived. */
function updated(number: number, seq: number, more: Record<string, unknown> = {}): unknown {
  const state = { seenAt: null, readAt: null, archivedAt: null }
  return { type: 'updated', payload: { seq, id: idOf(number), ...state, ...more } }
}

function removed(number: number, seq: number, collapseKey?: string): unknown {
  return {
    type: 'removed',
    payload: { seq, id: idOf(number), reason: 'recalled', ...(collapseKey && { collapseKey }) },
  }
}

/** A connection that was welcomed, over an inbox that lists these numbers and stands at 20. */
async function opened(world: World, numbers: number[], maxItems = 100): Promise<Client> {
  world.server.list = {
    items: numbers.map((number) => notification(number)),
    epoch: 'epoch-1',
    latest: 20,
  }
  const client = world.open({ maxItems })
  await world.time.settle()
  world.server.last.welcome({ cursor: 20, latest: 20 })
  await world.time.settle()
  world.server.asked.length = 0
  return client
}

/** What was asked for, below the inbox. */
function asked(world: World): string[] {
  return world.server.asked.map(({ url }) => url.pathname.slice('/v1/inbox'.length) + url.search)
}

function put(world: World, ...notifications: Notification[]): void {
  for (const entry of notifications) world.server.entries.set(entry.id, entry)
}

test('shows a notification again that another device takes out of the archive, though it was not held', async () => {
  await using world = new World()
  const client = await opened(world, [9, 3])
  put(world, notification(5, { seq: 21 }))
  world.server.last.say(updated(5, 21))
  await world.time.pass(1_000)
  expect(client.titles).toEqual(['9', '5', '3'])
  expect(asked(world)).toEqual([`/${idOf(5)}`])
  expect(client.heard.items.at(-1)).toHaveLength(3)
  // It was not held when that was told.
  expect(client.heard.updated).toMatchObject([{ id: idOf(5), notification: undefined }])
  expect(client.errors).toEqual([])
})

test('shows it not where it is older than what is held, and there are older ones', async () => {
  await using world = new World()
  const client = await opened(world, [9, 8, 7], 2)
  put(world, notification(5, { seq: 21 }))
  world.server.last.say(updated(8, 22, { archivedAt: AT }), updated(5, 21))
  await world.time.pass(1_000)
  expect([client.titles, client.inbox.hasMore]).toEqual([['9'], true])
})

test('lets the oldest go for one that is newer', async () => {
  await using world = new World()
  const client = await opened(world, [9, 3], 2)
  expect(client.inbox.hasMore).toBe(false)
  put(world, notification(5, { seq: 21 }))
  world.server.last.say(updated(5, 21))
  await world.time.pass(1_000)
  expect([client.titles, client.inbox.hasMore]).toEqual([['9', '5'], true])
})

test('forgets what is gone, and asks no more for it', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  world.server.last.say(updated(5, 21))
  await world.time.pass(60_000)
  expect([client.titles, asked(world), client.errors]).toEqual([['9'], [`/${idOf(5)}`], []])
})

test('lists once where many are lacking, and asks for none of them', async () => {
  await using world = new World()
  const client = await opened(world, [900, 800])
  for (let number = 1; number <= 500; number++) {
    world.server.last.say(updated(number, 1_000 + number))
    if (number % 100 === 0) await world.time.pass(40)
  }
  world.server.list = { items: [notification(900)], epoch: 'epoch-1', latest: 1_500 }
  await world.time.pass(60_000)
  expect([client.titles, asked(world)]).toEqual([['900'], ['?limit=100']])
})

test('asks for nothing that can not matter', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  world.server.last.say(
    // Held; archived; before the list was made; taken back, removed or come whole before it was asked for.
    updated(9, 21),
    updated(5, 22, { archivedAt: AT }),
    updated(6, 20),
    updated(7, 23),
    updated(7, 24, { archivedAt: AT }),
    updated(8, 25),
    removed(8, 26),
    updated(4, 27),
  )
  world.server.last.notify(notification(4, { seq: 28 }))
  await world.time.pass(60_000)
  expect([client.titles, asked(world)]).toEqual([['9', '4'], []])

  const none = world.open({ maxItems: 0 })
  await world.time.settle()
  world.server.last.welcome({ cursor: 20, latest: 20 })
  world.server.last.say(updated(5, 21))
  await world.time.pass(60_000)
  expect([none.titles, asked(world)]).toEqual([[], []])
})

test('waits for a list that is on its way, and asks for what that does not tell', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  const gate = deferred<void>()
  world.server.gate = gate.promise
  world.server.list = {
    items: [notification(9), notification(5, { seq: 22 })],
    epoch: 'epoch-1',
    latest: 22,
  }
  world.server.last.say(updated(8, 21))
  world.server.last.say({ type: 'gap', payload: { from: 0, to: 2, reason: 'retention' } })
  world.server.last.say(updated(5, 21), updated(5, 22), updated(6, 23), updated(7, 21))
  await world.time.pass(1_000)
  expect(asked(world)).toEqual(['?limit=100'])
  put(world, notification(6, { seq: 23 }))
  gate.resolve()
  await world.time.pass(1_000)
  expect(client.titles).toEqual(['9', '6', '5'])
  expect(asked(world)).toEqual(['?limit=100', `/${idOf(6)}`])
})

test('lets a late answer overwrite nothing that is newer, and bring nothing back', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  put(
    world,
    notification(1, { seq: 21 }),
    notification(2, { seq: 22 }),
    notification(3, { seq: 23, collapseKey: 'k' }),
    notification(4, { seq: 24 }),
    notification(5, { seq: 25, title: 'old' }),
  )
  const gate = deferred<void>()
  world.server.gate = gate.promise
  for (let number = 1; number <= 5; number++) {
    world.server.last.say(updated(number, 20 + number))
  }
  await world.time.pass(1_000)
  expect(asked(world)).toHaveLength(5)
  world.server.last.say(
    updated(1, 26, { readAt: AT }),
    removed(2, 27),
    removed(99, 28, 'k'),
    updated(4, 29, { archivedAt: AT }),
  )
  world.server.last.notify(notification(5, { seq: 30, title: 'new' }))
  gate.resolve()
  await world.time.settle()
  expect(client.inbox.items()).toMatchObject([
    { title: '9' },
    { title: 'new', seq: 30 },
    { title: '1', seq: 26, readAt: AT },
  ])
  await world.time.pass(60_000)
  expect(asked(world)).toHaveLength(5)
})

test('takes no answer of another life of the log', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  put(world, notification(5, { seq: 21 }))
  const gate = deferred<void>()
  world.server.gate = gate.promise
  world.server.last.say(updated(5, 21))
  await world.time.pass(1_000)
  world.server.last.end(1012)
  await world.time.pass(500)
  world.server.gate = Promise.resolve()
  world.server.list = { items: [notification(2)], epoch: 'epoch-2', latest: 2 }
  world.server.last.welcome({ epoch: 'epoch-2', cursor: 2, latest: 2 })
  await world.time.settle()
  gate.resolve()
  await world.time.pass(60_000)
  expect(client.titles).toEqual(['2'])
})

test('lists where an answer can not be had, until there is one', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  const { list } = world.server
  world.server.list = undefined
  world.server.last.say(updated(5, 21))
  await world.time.pass(1_000)
  expect(client.errors).toEqual(['list_failed'])
  world.server.list = {
    items: [...(list?.items ?? []), notification(5, { seq: 21 })],
    epoch: 'epoch-1',
    latest: 21,
  }
  await world.time.pass(2_000)
  expect(client.titles).toEqual(['9', '5'])
})

test('asks no more once it is closed', async () => {
  await using world = new World()
  const client = await opened(world, [9])
  world.server.last.say(updated(5, 21))
  await client.inbox.close()
  expect([world.time.timers, asked(world)]).toEqual([0, []])

  const other = await opened(world, [9])
  world.server.gate = deferred<void>().promise
  world.server.last.say(updated(5, 21))
  await world.time.pass(1_000)
  expect(asked(world)).toHaveLength(1)
  await other.inbox.close()
  expect(world.time.timers).toBe(0)
})
