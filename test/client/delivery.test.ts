import { expect, test } from 'vitest'
import { subjectOf } from '../../src/client/subject.js'
import { deferred } from '../deferred.js'
import { idOf, notification } from './fake-server.js'
import { fakeToken, World } from './world.js'

test('hands over what comes, in order, and acknowledges it when its handlers have finished', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', ({ notification }) =>
    notification.seq === 2 ? slow.promise : undefined,
  )
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.notify(notification(1), notification(2), notification(3))
  await world.time.pass(1_000)
  expect(client.seqs).toEqual([1, 2])
  expect(socket.acks).toEqual([1])
  slow.resolve()
  await world.time.settle()
  expect(client.seqs).toEqual([1, 2, 3])
  expect(socket.acks).toEqual([1, 3])
})

test('acknowledges a run of entries once', async () => {
  await using world = new World()
  world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.notify(...Array.from({ length: 64 }, (_, index) => notification(index + 1)))
  await world.time.settle()
  expect(socket.acks).toEqual([64])
})

test('acknowledges a quarter of the window at once, before the rest is handled', async () => {
  await using world = new World()
  const { inbox } = world.open()
  const last = deferred<void>()
  inbox.on('notification', ({ notification }) =>
    notification.seq === 5 ? last.promise : undefined,
  )
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome({ maxUnacked: 8 })
  socket.notify(...[1, 2, 3, 4, 5].map((number) => notification(number)))
  await world.time.settle()
  expect(socket.acks).toEqual([2, 4])
  last.resolve()
})

test('acknowledges what is handled at once when the service drains, while a handler still runs', async () => {
  await using world = new World()
  const { inbox } = world.open()
  const slow = deferred<void>()
  inbox.on('notification', ({ notification }) =>
    notification.seq === 3 ? slow.promise : undefined,
  )
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.notify(...[1, 2, 3].map((number) => notification(number)))
  await world.time.settle()
  expect(socket.acks).toEqual([])
  socket.say({ type: 'draining', payload: { reconnectAfterMs: 1_000 } })
  expect(socket.acks).toEqual([2])
  slow.resolve()
  await world.time.settle()
  expect(socket.acks).toEqual([2, 3])
})

test('hands over none twice: within a connection, across reconnects and across reloads', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome({ latest: 2 })
  world.server.last.notify(notification(1), notification(2), notification(2), notification(1))
  await world.time.settle()
  world.server.last.end(1006)
  await world.time.pass(30_000)
  expect(world.server.last.query).toMatchObject({ cursor: '2', epoch: 'epoch-1', batch: 'true' })
  world.server.last.welcome({ cursor: 0, latest: 3 })
  world.server.last.notify(notification(1), notification(2), notification(3))
  await world.time.settle()
  expect(client.seqs).toEqual([1, 2, 3])
  await client.inbox.close()

  const reloaded = world.open()
  await world.time.settle()
  expect(world.server.last.query).toMatchObject({ cursor: '3', epoch: 'epoch-1' })
  world.server.last.welcome({ cursor: 3, latest: 4 })
  world.server.last.notify(notification(3), notification(4))
  await world.time.settle()
  expect(reloaded.seqs).toEqual([4])
})

test('goes on with what waits when the connection is lost meanwhile, and hands none of it over twice', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', () => slow.promise)
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  await world.time.settle()
  world.server.last.end(1006)
  await world.time.pass(500)
  const { last: second } = world.server
  second.welcome({ latest: 2 })
  slow.resolve()
  await world.time.pass(1_000)
  expect(client.seqs).toEqual([1, 2])
  // Not ahead of what this connection has sent: that would be refused.
  expect(second.acks).toEqual([])
  second.notify(notification(1), notification(2))
  await world.time.pass(250)
  expect(client.seqs).toEqual([1, 2])
  expect(second.acks).toEqual([2])
})

test('hands over once what waits when a connection tells it again, and all of it where one told less', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', ({ notification }) =>
    notification.seq === 1 ? slow.promise : undefined,
  )
  await world.time.settle()
  const changed = notification(3, { seq: 4, readAt: '2026-11-22T10:00:00.000Z' })
  const { id, seq, seenAt, readAt, archivedAt } = changed
  const caughtUp = { type: 'caught_up', payload: { seq: 4, unread: 1, unseen: 1 } }
  world.server.last.welcome({ latest: 4 })
  world.server.last.notify(notification(1), notification(2), notification(3))
  world.server.last.say(
    { type: 'updated', payload: { seq, id, seenAt, readAt, archivedAt } },
    caughtUp,
  )
  world.server.last.end(1006)
  await world.time.pass(500)
  world.server.last.welcome({ latest: 4 })
  world.server.last.notify(notification(1), notification(2), changed)
  world.server.last.say(caughtUp)
  slow.resolve()
  await world.time.settle()
  expect(client.seqs).toEqual([1, 2, 4])
  expect(client.heard.updated).toEqual([])
  expect(world.server.last.acks.at(-1)).toBe(4)
})

test('puts what comes out of order where it belongs, as long as it waits', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', () => slow.promise)
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(3), notification(2))
  slow.resolve()
  await world.time.settle()
  expect(client.seqs).toEqual([1, 2, 3])
})

test('gives an entry again to the handler that threw, to no other, and reports it after three failures', async () => {
  await using world = new World()
  const client = world.open()
  let tries = 0
  client.inbox.on('notification', () => {
    tries++
    throw new Error('not this one')
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.pass(499)
  expect(tries).toBe(1)
  await world.time.pass(1)
  expect(tries).toBe(2)
  await world.time.pass(10_000)
  expect(tries).toBe(3)
  expect(client.seqs).toEqual([1])
  expect(client.errors).toEqual(['handler_failed'])
  expect(world.server.last.acks).toEqual([1])
})

test('acknowledges an entry that a handler takes at the second time, and reports nothing', async () => {
  await using world = new World()
  const client = world.open()
  let tries = 0
  client.inbox.on('notification', async () => {
    await Promise.resolve()
    if (++tries === 1) throw new Error('not yet')
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.settle()
  expect(world.server.last.acks).toEqual([])
  await world.time.pass(1_000)
  expect(tries).toBe(2)
  expect(client.errors).toEqual([])
  expect(world.server.last.acks).toEqual([1])
})

test('asks `onPoison` what becomes of an entry, and gives it three times more where that says so', async () => {
  await using world = new World()
  const verdicts: ('retry' | 'acknowledge')[] = ['retry', 'acknowledge']
  const poisoned: string[] = []
  const { inbox } = world.open({
    onPoison: ({ name, event }) => {
      if (name === 'notification') poisoned.push(event.notification.id)
      return verdicts.shift() ?? 'acknowledge'
    },
  })
  let tries = 0
  inbox.on('notification', () => {
    tries++
    throw new Error('never')
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.pass(10_000)
  expect(tries).toBe(6)
  expect(poisoned).toEqual([idOf(1), idOf(1)])
  expect(world.server.last.acks).toEqual([1])
})

test('gives an event of any kind again to the handler that threw, and says which it was', async () => {
  await using world = new World()
  const poisoned: string[] = []
  const client = world.open({
    onPoison: ({ name }) => {
      poisoned.push(name)
      return 'acknowledge'
    },
  })
  const tries = { notification: 0, updated: 0, removed: 0, gap: 0 }
  for (const name of ['notification', 'updated', 'removed', 'gap'] as const) {
    client.inbox.on(name, () => {
      tries[name]++
      throw new Error('never')
    })
  }
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  const state = { seenAt: null, readAt: null, archivedAt: null }
  socket.notify(notification(1))
  socket.say(
    { type: 'updated', payload: { seq: 2, id: idOf(90), ...state } },
    { type: 'removed', payload: { seq: 3, id: idOf(91), reason: 'recalled' } },
    { type: 'gap', payload: { from: 3, to: 4, reason: 'retention' } },
  )
  await world.time.pass(10_000)
  expect(tries).toEqual({ notification: 3, updated: 3, removed: 3, gap: 3 })
  expect(poisoned).toEqual(['notification', 'updated', 'removed', 'gap'])
  expect(client.errors).toEqual(poisoned.map(() => 'handler_failed'))
  expect(socket.acks.at(-1)).toBe(4)
})

test('acknowledges an entry about which `onPoison` can not say anything either, and reports that too', async () => {
  await using world = new World()
  const client = world.open({ onPoison: () => Promise.reject(new Error('no idea')) })
  client.inbox.on('notification', () => {
    throw new Error('never')
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  await world.time.pass(10_000)
  expect(client.seqs).toEqual([1, 2])
  expect(client.errors).toEqual(Array.from({ length: 4 }, () => 'handler_failed'))
  expect(world.server.last.acks.at(-1)).toBe(2)
})

test('gives an entry no more to a handler that threw once the inbox is closed, and leaves it to the next', async () => {
  await using world = new World()
  const client = world.open()
  client.inbox.on('notification', () => {
    throw new Error('not now')
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.settle()
  await client.inbox.close()
  expect([world.server.last.acks, world.time.timers]).toEqual([[], 0])
  const next = world.open()
  await world.time.settle()
  world.server.last.welcome({ latest: 1 })
  world.server.last.notify(notification(1))
  await world.time.settle()
  expect([next.seqs, world.server.last.acks]).toEqual([[1], [1]])
})

test('delivers on where the storage fails, reports that once, and hands none twice by the cursor of the service', async () => {
  await using world = new World()
  world.storage.fails = true
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  await world.time.settle()
  expect(client.seqs).toEqual([1, 2])
  expect(client.errors).toEqual(['storage_failed'])
  expect(world.server.last.acks).toEqual([2])
  await client.inbox.close()

  const reloaded = world.open()
  await world.time.settle()
  expect(world.server.last.query).not.toHaveProperty('cursor')
  world.server.last.welcome({ cursor: 2, latest: 2 })
  world.server.last.notify(notification(2), notification(3))
  await world.time.settle()
  expect(reloaded.seqs).toEqual([3])
})

test('hands over nothing that the device has acknowledged, where the storage has stopped taking positions', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.settle()
  world.storage.fails = true
  world.server.last.notify(notification(2), notification(3))
  await world.time.settle()
  expect(client.seqs).toEqual([1, 2, 3])
  await client.inbox.close()
  world.storage.fails = false
  const reloaded = world.open()
  await world.time.settle()
  expect(world.server.last.query).toMatchObject({ cursor: '1' })
  world.server.last.welcome({ cursor: 3, latest: 4 })
  world.server.last.notify(notification(2), notification(3), notification(4))
  await world.time.settle()
  expect(reloaded.seqs).toEqual([4])
  expect(world.server.last.acks).toEqual([4])
})

test('waits for a storage that hangs no longer than 5 s', async () => {
  await using world = new World()
  const client = world.open({
    storage: { get: () => undefined, set: () => new Promise(() => undefined) },
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  await world.time.pass(4_999)
  expect(client.seqs).toEqual([1])
  await world.time.pass(1)
  expect(client.seqs).toEqual([1, 2])
  expect(client.errors).toEqual(['storage_failed'])
})

test('begins where the service has the device, where its own position can not be read', async () => {
  await using world = new World()
  const slow = world.open({
    storage: { get: () => new Promise(() => undefined), set: () => undefined },
  })
  await world.time.pass(4_999)
  expect(world.server.sockets).toHaveLength(0)
  await world.time.pass(1)
  expect(slow.errors).toEqual(['storage_failed'])
  const kept = { subject: subjectOf(fakeToken('alice')), user: 'alice', epoch: 'epoch-1' }
  const broken = ['not JSON', '7', JSON.stringify(kept), JSON.stringify({ ...kept, cursor: -1 })]
  for (const text of broken) {
    world.open({ storage: { get: () => text, set: () => undefined } })
    await world.time.settle()
  }
  expect(world.server.sockets.map(({ query }) => query)).toEqual(
    ['slow', ...broken].map(() => ({ device: 'phone', batch: 'true' })),
  )
  world.server.last.welcome({ cursor: 6, latest: 7 })
  world.server.last.notify(notification(7))
  await world.time.settle()
  expect(world.server.last.acks).toEqual([7])
})

test('keeps the position before the next handler begins, so that a crash repeats the entry of that one alone', async () => {
  await using world = new World()
  const { inbox } = world.open()
  const kept: (string | undefined)[] = []
  inbox.on('notification', () => {
    const [text] = world.storage.content.values()
    kept.push(text === undefined ? undefined : /"cursor":(\d+)/.exec(text)?.[1])
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2), notification(3))
  await world.time.settle()
  expect(kept).toEqual([undefined, '1', '2'])
})

test('never moves the position back that another has kept of the same log, though they share no connection', async () => {
  await using world = new World()
  const kept = (): unknown => JSON.parse([...world.storage.content.values()].join())
  const slow = world.open()
  const gate = deferred<void>()
  slow.inbox.on('notification', () => gate.promise)
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  world.open()
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2), notification(3))
  await world.time.settle()
  expect(kept()).toMatchObject({ cursor: 3 })
  gate.resolve()
  await world.time.settle()
  expect(slow.seqs).toEqual([1, 2])
  expect(kept()).toMatchObject({ cursor: 3 })
})

test("sends one user's position for nobody else, though their logs have the same epoch", async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(5))
  await world.time.settle()
  await inbox.close()
  const bob = world.open({ token: () => fakeToken('bob') })
  await world.time.settle()
  expect(world.server.last.query).not.toHaveProperty('cursor')
  world.server.last.welcome({ user: 'bob', latest: 1 })
  world.server.last.notify(notification(1))
  await world.time.settle()
  expect(bob.seqs).toEqual([1])
})

test('knows its position by what the service says of whose log it is, where the token can not be read', async () => {
  await using world = new World()
  const { inbox } = world.open({ token: () => 'opaque.e30.token' })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  await world.time.settle()
  await inbox.close()
  const reloaded = world.open({ token: () => 'opaque.e30.token' })
  await world.time.settle()
  expect(world.server.last.query).not.toHaveProperty('cursor')
  world.server.last.welcome({ cursor: 0, latest: 3 })
  world.server.last.notify(notification(1), notification(2), notification(3))
  await world.time.settle()
  expect(reloaded.seqs).toEqual([3])
})

test('lets a handler see the items and the counts that its notification came with, and mark it by "all"', async () => {
  await using world = new World()
  const { inbox } = world.open()
  const seen: unknown[] = []
  inbox.on('notification', () => {
    seen.push(inbox.items().length, inbox.counts)
    void inbox.markRead('all').catch(() => undefined)
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  expect(seen).toEqual([1, { unread: 1, unseen: 1 }])
  expect(world.server.last.command('mark').payload).toEqual({ action: 'read', upTo: 1 })
})

test('acknowledges nothing in a new log for what was kept of the former', async () => {
  await using world = new World()
  const slow = deferred<void>()
  const client = world.open({ storage: { get: () => undefined, set: () => slow.promise } })
  const handler = deferred<void>()
  client.inbox.on('notification', ({ notification }) =>
    notification.seq === 1 ? handler.promise : undefined,
  )
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(9))
  await world.time.settle()
  world.server.last.end(1012)
  await world.time.pass(500)
  world.server.last.welcome({ epoch: 'epoch-2' })
  world.server.last.notify(notification(1))
  slow.resolve()
  await world.time.pass(1_000)
  expect(client.seqs).toEqual([9, 1])
  expect(world.server.last.acks).toEqual([])
  handler.resolve()
  await world.time.settle()
  expect(world.server.last.acks).toEqual([1])
})

test('says of content whether it is new to the application', async () => {
  await using world = new World()
  const { heard } = world.open()
  await world.time.settle()
  world.server.last.welcome()
  for (const [seq, arrivedSeq] of [
    [1, 1],
    [2, 1],
    [3, 3],
  ] as const) {
    world.server.last.notify(notification(1, { seq, arrivedSeq }))
    await world.time.settle()
  }
  expect(heard.notification.map(({ isNew }) => isNew)).toEqual([true, false, true])
})

test('hands over the latest of several states of one notification that wait', async () => {
  await using world = new World()
  const { heard } = world.open()
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  world.server.last.notify(notification(1, { seq: 2, readAt: '2026-11-22T10:00:00.000Z' }))
  world.server.last.notify(notification(1, { seq: 3, arrivedSeq: 3 }))
  await world.time.settle()
  // The handler of the first was called at once.
  expect(heard.notification.map(({ notification, isNew }) => [notification.seq, isNew])).toEqual([
    [1, true],
    [3, true],
  ])
})
