import { expect, test } from 'vitest'
import type { Notification } from '../../src/client/frames.js'
import { deferred } from '../deferred.js'
import { idOf, notification } from './fake-server.js'
import { World, type Client } from './world.js'

const AT = '2026-11-22T10:00:00.000Z'

/** An inbox whose newest entries are archived one after the other, and a client that hears of it. */
class Shrinking {
  readonly world: World
  readonly client: Client
  readonly #count: number
  #archived = 0

  constructor(world: World, client: Client, count: number) {
    this.world = world
    this.client = client
    this.#count = count
  }

  static async open(world: World, count: number, maxItems: number): Promise<Shrinking> {
    const client = world.open({ maxItems })
    const inbox = new Shrinking(world, client, count)
    inbox.tellList()
    await world.time.settle()
    world.server.last.welcome({ cursor: count, latest: count })
    await world.time.settle()
    return inbox
  }

  get latest(): number {
    return this.#count + this.#archived
  }

  /** What is not archived, newest first, by number. */
  get left(): number[] {
    const length = this.#count - this.#archived
    return Array.from({ length }, (_, index) => length - index)
  }

  /** What the list answers from now on. */
  tellList(): void {
    const items: Notification[] = this.left.map((number) => notification(number))
    this.world.server.list = { items, epoch: 'epoch-1', latest: this.latest }
  }

  /** Archives the newest. */
  archive(count: number): void {
    const frames = this.left.slice(0, count).map((number) => {
      this.#archived++
      const state = { seenAt: AT, readAt: AT, archivedAt: AT }
      return { type: 'updated', payload: { seq: this.latest, id: idOf(number), ...state } }
    })
    this.tellList()
    this.world.server.last.say(...frames)
  }

  /** So many of the newest, as titles. */
  newest(count: number): string[] {
    return this.left.slice(0, count).map(String)
  }
}

test('fills up from the inbox what was archived, when there is more', async () => {
  await using world = new World()
  const inbox = await Shrinking.open(world, 150, 100)
  inbox.archive(100)
  await world.time.settle()
  expect([inbox.client.titles, inbox.client.inbox.hasMore]).toEqual([[], true])
  await world.time.pass(1_000)
  expect([inbox.client.titles, inbox.client.inbox.hasMore]).toEqual([inbox.newest(50), false])
  expect(inbox.client.heard.items.at(-1)).toHaveLength(50)
})

test('lets half of them go before it asks for more', async () => {
  await using world = new World()
  const inbox = await Shrinking.open(world, 30, 10)
  inbox.archive(5)
  await world.time.pass(5_000)
  expect([inbox.client.titles.length, world.server.asked.length]).toEqual([5, 1])
  inbox.archive(1)
  await world.time.pass(5_000)
  expect([inbox.client.titles, world.server.asked.length]).toEqual([inbox.newest(10), 2])
})

test('asks once a second at most, however fast they go', async () => {
  await using world = new World()
  const inbox = await Shrinking.open(world, 400, 10)
  await world.time.pass(5_000)
  for (let step = 0; step < 50; step++) {
    inbox.archive(6)
    await world.time.pass(100)
  }
  await world.time.pass(2_000)
  // One at first, and then in five seconds.
  const { length } = world.server.asked
  expect(length).toBeGreaterThan(1 + 3)
  expect(length).toBeLessThanOrEqual(1 + 6)
  expect(inbox.client.titles).toEqual(inbox.newest(10))
})

test('asks for nothing while a list is on its way, and looks again when that has come', async () => {
  await using world = new World()
  const inbox = await Shrinking.open(world, 60, 10)
  const gate = deferred<void>()
  world.server.gate = gate.promise
  const loaded = inbox.client.inbox.loadMore()
  inbox.archive(55)
  await world.time.pass(5_000)
  expect(world.server.asked).toHaveLength(2)
  gate.resolve()
  await loaded
  // The list was made before they were archived.
  expect(inbox.client.titles).toEqual(inbox.newest(5))
  inbox.tellList()
  await world.time.pass(1_000)
  expect(world.server.asked).toHaveLength(2)
})

test('fills up to the number that was raised', async () => {
  await using world = new World()
  const inbox = await Shrinking.open(world, 200, 10)
  await inbox.client.inbox.loadMore()
  expect(inbox.client.titles).toEqual(inbox.newest(60))
  inbox.archive(31)
  await world.time.pass(1_000)
  expect(inbox.client.titles).toEqual(inbox.newest(60))
})

test('goes on trying where the inbox can not be listed', async () => {
  await using world = new World()
  const inbox = await Shrinking.open(world, 30, 10)
  inbox.archive(10)
  world.server.list = undefined
  await world.time.pass(3_000)
  expect([inbox.client.titles, inbox.client.errors]).toEqual([[], ['list_failed']])
  inbox.tellList()
  await world.time.pass(10_000)
  expect(inbox.client.titles).toEqual(inbox.newest(10))
})

test('lists nothing where nothing is to be held, and nothing after the end', async () => {
  await using world = new World()
  const none = await Shrinking.open(world, 30, 0)
  world.server.last.notify(notification(31))
  none.archive(5)
  await world.time.pass(5_000)
  expect([none.client.inbox.hasMore, world.server.asked]).toEqual([true, []])

  const inbox = await Shrinking.open(world, 30, 10)
  inbox.archive(10)
  await inbox.client.inbox.close()
  await none.client.inbox.close()
  await world.time.pass(5_000)
  expect(world.server.asked).toHaveLength(1)
  expect(world.time.timers).toBe(0)
})
