import { expect, test } from 'vitest'
import { deferred } from '../deferred.js'
import { idOf, notification } from './fake-server.js'
import { fakeToken, World } from './world.js'

const AT = '2026-11-22T10:00:00.000Z'

/** The frame of a change of state. */
function updated(number: number, seq: number, more: Record<string, unknown> = {}): unknown {
  const state = { seenAt: AT, readAt: AT, archivedAt: null }
  return { type: 'updated', payload: { seq, id: idOf(number), ...state, ...more } }
}

function removed(number: number, seq: number, collapseKey?: string): unknown {
  return {
    type: 'removed',
    payload: { seq, id: idOf(number), reason: 'recalled', ...(collapseKey && { collapseKey }) },
  }
}

/** A connection that was welcomed, over an inbox that was listed. */
async function opened(world: World): Promise<ReturnType<World['open']>> {
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome()
  await world.time.settle()
  return client
}

test('shows what the list says from the first connection on, newest first, and then what comes', async () => {
  await using world = new World()
  world.server.list = {
    items: [notification(9, { arrivedSeq: 4 }), notification(3)],
    epoch: 'epoch-1',
    latest: 9,
  }
  const client = await opened(world)
  expect(world.server.asked.map(({ url, token }) => [url.href, token])).toEqual([
    ['https://notify.example/v1/inbox?limit=100', fakeToken('alice')],
  ])
  expect(client.titles).toEqual(['9', '3'])
  world.server.last.notify(notification(10))
  expect(client.titles).toEqual(['10', '9', '3'])
})

test('tells once what items there are, of all that one frame has changed, and when the list has come', async () => {
  await using world = new World()
  world.server.list = { items: [notification(1)], epoch: 'epoch-1', latest: 1 }
  const client = await opened(world)
  expect(client.heard.items.map((items) => items.length)).toEqual([0, 1])
  world.server.last.notify(notification(2), notification(3))
  await world.time.settle()
  expect(client.heard.items.map((items) => items.length)).toEqual([0, 1, 3])
})

test('keeps the copy with the higher seq, whichever comes first', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1, { seq: 5, title: 'new' }))
  world.server.last.notify(notification(1, { seq: 4, title: 'old' }))
  world.server.last.say(updated(1, 3))
  expect(client.inbox.items()).toMatchObject([{ title: 'new', seq: 5, readAt: null }])
})

test('takes a change of state, and tells it with the notification', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1))
  world.server.last.say(updated(1, 2, { unread: 0, unseen: 0 }))
  await world.time.settle()
  expect(client.inbox.items()).toMatchObject([{ seq: 2, readAt: AT }])
  expect(client.heard.updated).toMatchObject([
    { id: idOf(1), seq: 2, readAt: AT, replayed: false, notification: { title: '1' } },
  ])
  expect(client.inbox.counts).toEqual({ unread: 0, unseen: 0 })
})

test('of a notification that it lacks it takes the counts alone', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.say(updated(7, 8, { unread: 3, unseen: 1 }))
  await world.time.settle()
  expect(client.inbox.items()).toEqual([])
  expect(client.inbox.counts).toEqual({ unread: 3, unseen: 1 })
  expect(client.heard.updated).toMatchObject([{ id: idOf(7), notification: undefined }])
  expect(world.server.last.acks).toEqual([8])
})

test('drops what is removed: by its id, and by its key where that has a lower seq', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1), notification(2, { collapseKey: 'k' }), notification(3))
  world.server.last.say(removed(1, 4), removed(99, 5, 'k'))
  expect(client.titles).toEqual(['3'])
  world.server.last.notify(notification(6, { collapseKey: 'k' }))
  world.server.last.say(removed(98, 5, 'k'))
  expect(client.titles).toEqual(['6', '3'])
})

test('drops the older ones of a collapse key, and does not let one come back', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1, { collapseKey: 'k' }))
  world.server.last.notify(notification(3, { collapseKey: 'k' }))
  world.server.last.notify(notification(2, { collapseKey: 'k' }))
  expect(client.titles).toEqual(['3'])
})

test('hides what is archived, and shows it again when it is not', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1))
  world.server.last.say(updated(1, 2, { archivedAt: AT }))
  expect(client.titles).toEqual([])
  world.server.last.say(updated(1, 3))
  expect(client.titles).toEqual(['1'])
})

test('holds no more than it may, and lets the oldest go', async () => {
  await using world = new World()
  const client = world.open({ maxItems: 2 })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2), notification(3))
  expect(client.titles).toEqual(['3', '2'])
})

test('drops all at another epoch, lists again, and hands over what the new log has from its start', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1), notification(2))
  await world.time.settle()
  world.server.last.end(1012)
  world.server.list = { items: [notification(1, { title: 'new' })], epoch: 'epoch-2', latest: 1 }
  await world.time.pass(500)
  expect(world.server.last.query).toMatchObject({ cursor: '2', epoch: 'epoch-1' })
  world.server.last.welcome({ epoch: 'epoch-2', latest: 1 })
  world.server.last.say({ type: 'gap', payload: { from: 0, to: 0, reason: 'epoch' } })
  expect(client.titles).toEqual([])
  world.server.last.notify(notification(1, { title: 'new' }))
  await world.time.settle()
  expect(client.titles).toEqual(['new'])
  expect(client.seqs).toEqual([1, 2, 1])
  expect(client.heard.gap).toEqual([{ from: 0, to: 0, reason: 'epoch' }])
  expect(world.server.last.acks).toEqual([1])
  world.server.last.end(1012)
  await world.time.pass(1_000)
  expect(world.server.last.query).toMatchObject({ cursor: '1', epoch: 'epoch-2' })
})

test('acknowledges from where the replay starts, where its own position was ahead of the log', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(50))
  await world.time.settle()
  world.server.last.end(1012)
  await world.time.pass(500)
  world.server.last.welcome({ cursor: 10, latest: 11 })
  world.server.last.say({ type: 'gap', payload: { from: 10, to: 10, reason: 'epoch' } })
  world.server.last.notify(notification(11))
  await world.time.settle()
  expect(client.seqs).toEqual([50, 11])
  expect(world.server.last.acks).toEqual([11])
  // What is kept goes back as well: 12 to 50 are yet to come.
  const [kept = ''] = world.storage.content.values()
  expect(JSON.parse(kept)).toMatchObject({ epoch: 'epoch-1', cursor: 11 })
})

test('lists nothing where nothing is to be held', async () => {
  await using world = new World()
  const client = world.open({ maxItems: 0 })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.settle()
  expect(world.server.asked).toEqual([])
  expect([client.titles, client.seqs]).toEqual([[], [1]])
})

test('lets a handler of the former log finish before it hands over the new one, and keeps nothing of it', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', ({ notification }) =>
    notification.title === '5' ? slow.promise : undefined,
  )
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(5), notification(6))
  await world.time.settle()
  world.server.last.end(1012)
  await world.time.pass(500)
  world.server.last.welcome({ epoch: 'epoch-2' })
  world.server.last.notify(notification(5, { title: 'new' }))
  await world.time.settle()
  expect(client.heard.notification.map(({ notification }) => notification.title)).toEqual(['5'])
  slow.resolve()
  await world.time.settle()
  expect(client.heard.notification.map(({ notification }) => notification.title)).toEqual([
    '5',
    'new',
  ])
  expect(world.server.last.acks).toEqual([5])
})

test('does not take the place of a handler of the former log for one in the new', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', ({ notification }) =>
    notification.seq === 9 ? slow.promise : undefined,
  )
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(9))
  await world.time.settle()
  world.server.last.end(1012)
  await world.time.pass(500)
  world.server.last.welcome({ epoch: 'epoch-2' })
  slow.resolve()
  await world.time.settle()
  world.server.last.notify(notification(1))
  await world.time.settle()
  expect(client.seqs).toEqual([9, 1])
  expect(world.server.last.acks).toEqual([1])
})

test('lists again after a gap of retention, acknowledges it, and drops what is no longer there', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1), notification(2))
  world.server.list = { items: [notification(2), notification(7)], epoch: 'epoch-1', latest: 7 }
  world.server.last.say({ type: 'gap', payload: { from: 2, to: 6, reason: 'retention' } })
  await world.time.settle()
  expect(client.titles).toEqual(['7', '2'])
  expect(client.heard.gap).toEqual([{ from: 2, to: 6, reason: 'retention' }])
  expect(world.server.last.acks.at(-1)).toBe(6)
})

test('lets a list that is older than what came meanwhile bring nothing back', async () => {
  await using world = new World()
  const gate = deferred<void>()
  world.server.gate = gate.promise
  world.server.list = {
    items: [notification(3), notification(2, { collapseKey: 'k' }), notification(1)],
    epoch: 'epoch-1',
    latest: 3,
  }
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome({ cursor: 3, latest: 3 })
  world.server.last.say(removed(1, 4), removed(99, 5, 'k'), updated(3, 6))
  world.server.last.notify(notification(7))
  gate.resolve()
  await world.time.settle()
  expect(client.titles).toEqual(['7', '3'])
})

test('takes no list of another life of the log', async () => {
  await using world = new World()
  world.server.list = { items: [notification(1)], epoch: 'epoch-0', latest: 1 }
  const client = await opened(world)
  expect(world.server.asked).toHaveLength(1)
  expect(client.titles).toEqual([])
})

test('lets a list, which shows nothing that is archived, say nothing against that', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.notify(notification(1))
  world.server.last.say(updated(1, 2, { archivedAt: AT }))
  world.server.list = { items: [notification(7)], epoch: 'epoch-1', latest: 7 }
  world.server.last.say({ type: 'gap', payload: { from: 2, to: 6, reason: 'retention' } })
  await world.time.settle()
  world.server.last.say(updated(1, 8))
  expect(client.titles).toEqual(['7', '1'])
})

test('takes the list that was asked for last, whichever comes first', async () => {
  await using world = new World()
  const gate = deferred<void>()
  world.server.gate = gate.promise
  world.server.list = { items: [notification(1)], epoch: 'epoch-1', latest: 1 }
  const client = await opened(world)
  world.server.gate = Promise.resolve()
  world.server.list = { items: [notification(7)], epoch: 'epoch-1', latest: 7 }
  world.server.last.say({ type: 'gap', payload: { from: 0, to: 6, reason: 'retention' } })
  await world.time.settle()
  gate.resolve()
  await world.time.settle()
  expect(client.titles).toEqual(['7'])
})

test('lists no more once it is closed', async () => {
  await using world = new World()
  world.server.list = undefined
  const client = await opened(world)
  await client.inbox.close()
  await world.time.settle()
  expect(world.time.timers).toBe(0)
})

test('tries the list again, backing off, and reports its failing once', async () => {
  await using world = new World()
  world.server.list = undefined
  const client = await opened(world)
  await world.time.pass(1_500)
  expect(world.server.asked).toHaveLength(3)
  expect(client.errors).toEqual(['list_failed'])
  world.server.list = { items: [notification(1)], epoch: 'epoch-1', latest: 1 }
  await world.time.pass(2_000)
  expect(client.titles).toEqual(['1'])
})

test('hands nothing over any more that was removed or replaced while it waited', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', () => slow.promise)
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(
    notification(1),
    notification(2),
    notification(3, { collapseKey: 'k' }),
    notification(4, { collapseKey: 'k' }),
  )
  world.server.last.say(removed(2, 5))
  slow.resolve()
  await world.time.settle()
  expect(client.seqs).toEqual([1, 4])
  expect(client.heard.removed.map(({ seq }) => seq)).toEqual([5])
  expect(world.server.last.acks.at(-1)).toBe(5)
})

test('tells what is sent to the sockets of now, and acknowledges nothing for it', async () => {
  await using world = new World()
  const client = await opened(world)
  client.inbox.on('ephemeral', () => Promise.reject(new Error('no')))
  const { seq, arrivedSeq, seenAt, readAt, archivedAt, ...content } = notification(1)
  world.server.last.say({ type: 'ephemeral', payload: { notification: content } })
  await world.time.settle()
  expect(client.heard.ephemeral).toEqual([{ notification: content }])
  expect([client.errors, client.titles, world.server.last.acks]).toEqual([
    ['handler_failed'],
    [],
    [],
  ])
  expect([seq, arrivedSeq, seenAt, readAt, archivedAt]).toHaveLength(5)
})

test('tells the counts when they change, and not when they do not', async () => {
  await using world = new World()
  const client = await opened(world)
  world.server.last.say({ type: 'counts', payload: { unread: 2, unseen: 1 } })
  world.server.last.say({ type: 'counts', payload: { unread: 2, unseen: 1 } })
  expect(client.heard.counts).toEqual([
    { unread: 0, unseen: 0 },
    { unread: 2, unseen: 1 },
  ])
})

test('lists the inbox again where the device has gone on without this client', async () => {
  await using world = new World()
  // A token that tells nothing: the service alone knows where the device stands.
  const client = world.open({ token: () => 'opaque.e30.token' })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.settle()
  world.server.last.end(1006)
  await world.time.pass(500)
  world.server.list = { items: [notification(3), notification(1)], epoch: 'epoch-1', latest: 3 }
  world.server.last.welcome({ cursor: 3, latest: 3 })
  await world.time.settle()
  expect(client.titles).toEqual(['3', '1'])
  expect(client.seqs).toEqual([1])
})
