import { expect, test } from 'vitest'
import { InboxError } from '../../src/client/errors.js'
import { idOf, notification, type FakeSocket } from './fake-server.js'
import { failureOf, World } from './world.js'

const DONE = { updated: 1, unread: 0, unseen: 0, latest: 9 }

function reply(socket: FakeSocket, payload: unknown): void {
  socket.say({ type: 'reply', id: socket.received.at(-1)?.id, payload })
}

test('resolves with what the reply says', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  await world.time.settle()
  const { timers } = world.time
  const marked = inbox.markRead(idOf(1))
  expect(socket.command('mark').payload).toEqual({ action: 'read', ids: [idOf(1)] })
  reply(socket, DONE)
  expect(await marked).toEqual(DONE)
  const subscribed = inbox.subscribe('news.eu')
  expect(socket.command('subscribe').payload).toEqual({ topic: 'news.eu' })
  reply(socket, { topic: 'news.eu' })
  expect(await subscribed).toBeUndefined()
  expect(world.time.timers).toBe(timers)
})

test('says each action in the words of the protocol', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome({ latest: 9 })
  const actions = [
    inbox.markSeen(idOf(1)),
    inbox.markUnread(idOf(1)),
    inbox.archive([idOf(1), idOf(1)]),
    inbox.unarchive(idOf(1)),
    inbox.archive('all'),
  ]
  expect(socket.received.map((command) => 'payload' in command && command.payload)).toEqual([
    { action: 'seen', ids: [idOf(1)] },
    { action: 'unread', ids: [idOf(1)] },
    { action: 'archived', ids: [idOf(1)] },
    { action: 'unarchived', ids: [idOf(1)] },
    { action: 'archived', upTo: 9 },
  ])
  const unsubscribed = inbox.unsubscribe('news')
  for (const { id, type } of socket.received) {
    const payload = type === 'unsubscribe' ? { topic: 'news' } : DONE
    socket.say({ type: 'reply', id, payload })
  }
  await Promise.all([...actions, unsubscribed])
})

test('rejects with the error of the service, of which nobody else hears', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  const subscribed = client.inbox.subscribe('news')
  const payload = { code: 'topic_not_allowed', detail: 'Not this one.', retryable: false }
  socket.say({ type: 'error', id: socket.received.at(-1)?.id, payload })
  const error: unknown = await subscribed.catch((error: unknown) => error)
  expect(error).toBeInstanceOf(InboxError)
  expect(error).toMatchObject({
    code: 'topic_not_allowed',
    message: 'Not this one.',
    retryable: false,
  })
  expect(client.errors).toEqual([])
})

test('waits for the connection, and is said again on the next where no answer came', async () => {
  await using world = new World()
  const { inbox } = world.open()
  const marked = inbox.markRead(idOf(1))
  await world.time.settle()
  world.server.last.welcome()
  expect(world.server.last.types).toEqual(['mark'])
  world.server.last.end(1006)
  await world.time.pass(500)
  expect(world.server.last.types).toEqual([])
  world.server.last.welcome()
  expect(world.server.last.types).toEqual(['mark'])
  reply(world.server.last, DONE)
  expect(await marked).toEqual(DONE)
})

test('fails after its deadline, of 10 s where nothing else is said', async () => {
  await using world = new World()
  const { inbox } = world.open()
  const late = failureOf(inbox.markRead(idOf(1)))
  await world.time.pass(10_000)
  expect(await late).toMatchObject({ code: 'deadline_exceeded', retryable: true })
  world.server.last.welcome()
  expect(world.server.last.types).toEqual([])
  const hurried = world.open({ deadlineMs: 50 })
  const soon = failureOf(hurried.inbox.subscribe('news'))
  await world.time.pass(50)
  expect(await soon).toBeInstanceOf(InboxError)
})

test("fails after its deadline on an open connection too, which a new one does not put off; a late answer is nobody's", async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  const { last: first } = world.server
  first.welcome()
  const late = failureOf(client.inbox.markRead(idOf(1)))
  await world.time.pass(9_000)
  first.end(1006)
  await world.time.pass(500)
  const { last: second } = world.server
  second.welcome()
  expect(second.types).toEqual(['mark'])
  await world.time.pass(499)
  const next = client.inbox.markRead(idOf(2))
  await world.time.pass(1)
  expect(await late).toMatchObject({ code: 'deadline_exceeded' })
  second.say({ type: 'reply', id: second.received[0]?.id, payload: { ...DONE, updated: 7 } })
  reply(second, DONE)
  expect(await next).toEqual(DONE)
  expect(client.errors).toEqual([])
})

test("'all' means what had arrived when it was said, also where the connection comes later", async () => {
  await using world = new World()
  const { inbox } = world.open()
  const early = inbox.markRead('all')
  await world.time.settle()
  world.server.last.welcome({ latest: 4 })
  expect(world.server.last.command('mark').payload).toEqual({ action: 'read', upTo: 4 })
  reply(world.server.last, DONE)
  await early
  world.server.last.notify(notification(5))
  world.server.last.end(1006)
  const late = inbox.markRead('all')
  await world.time.pass(500)
  world.server.last.welcome({ latest: 8 })
  expect(world.server.last.command('mark').payload).toEqual({ action: 'read', upTo: 5 })
  reply(world.server.last, DONE)
  await late
})

test("'all' of a log that is no more marks nothing in the one that follows", async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  world.server.last.welcome({ latest: 4 })
  world.server.last.end(1006)
  const marked = failureOf(inbox.markRead('all'))
  await world.time.pass(500)
  world.server.last.welcome({ epoch: 'epoch-2', latest: 9 })
  expect(await marked).toMatchObject({ code: 'epoch_mismatch' })
  expect(world.server.last.types).toEqual([])
})

test("'all' that waited for the connection means the same on the next, or nothing", async () => {
  await using world = new World()
  const { inbox } = world.open()
  const marked = inbox.markRead('all')
  await world.time.settle()
  world.server.last.welcome({ latest: 4 })
  world.server.last.end(1006)
  await world.time.pass(500)
  world.server.last.welcome({ latest: 8 })
  expect(world.server.last.command('mark').payload).toEqual({ action: 'read', upTo: 4 })
  world.server.last.end(1006)
  const failed = failureOf(marked)
  await world.time.pass(1_000)
  world.server.last.welcome({ epoch: 'epoch-2', latest: 9 })
  expect(await failed).toMatchObject({ code: 'epoch_mismatch' })
})

test('sends many ids in several commands that a frame holds, and adds up what they changed', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  const ids = Array.from({ length: 700 }, (_, index) => idOf(index + 1))
  const marked = inbox.markRead(ids)
  for (const updated of [300, 299, 100]) {
    expect(new Blob([JSON.stringify(socket.received.at(-1))]).size).toBeLessThan(16_384)
    reply(socket, { ...DONE, updated })
    await world.time.settle()
  }
  expect(await marked).toEqual({ ...DONE, updated: 699 })
  const sent = socket.received.flatMap((command) =>
    command.type === 'mark' && 'ids' in command.payload ? (command.payload.ids ?? []) : [],
  )
  expect(sent).toEqual(ids)
})

test('refuses by itself what the service would count as a broken message', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  world.server.last.welcome()
  const refusal = { code: 'invalid_message', retryable: false }
  await expect(inbox.markRead('no id')).rejects.toMatchObject(refusal)
  const message: unknown = expect.stringContaining('/payload/ids names at least one id')
  await expect(inbox.markRead([])).rejects.toMatchObject({ ...refusal, message })
  await expect(inbox.subscribe('no topic at all')).rejects.toMatchObject(refusal)
  expect(world.server.last.types).toEqual([])
})

test('keeps at most 16 commands under way', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  const all = Promise.all(Array.from({ length: 40 }, (_, index) => inbox.subscribe(`t${index}`)))
  expect(socket.received).toHaveLength(16)
  for (let index = 0; index < 40; index++) {
    socket.say({ type: 'reply', id: socket.received[index]?.id, payload: { topic: 'any' } })
  }
  await all
  expect(socket.received).toHaveLength(40)
})

test('rejects where a reply comes that can not be read', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  world.server.last.welcome()
  const marked = failureOf(inbox.markRead(idOf(1)))
  reply(world.server.last, { done: true })
  expect(await marked).toMatchObject({ code: 'unreadable' })
})

test('sends at most 40 in any second, and all of them in their time', async () => {
  await using world = new World()
  const { inbox } = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  const sentAt: number[] = []
  const marks = Array.from({ length: 100 }, (_, index) => inbox.markRead(idOf(index)))
  const answer = (): void => {
    for (const { id } of socket.received.slice(sentAt.length)) {
      sentAt.push(world.time.now)
      socket.say({ type: 'reply', id, payload: DONE })
    }
  }
  for (let step = 0; step < 300; step++) {
    answer()
    await world.time.pass(10)
  }
  expect(await Promise.all(marks)).toHaveLength(100)
  const busiest = sentAt.map(
    (from) => sentAt.filter((at) => at >= from && at < from + 1_000).length,
  )
  expect(Math.max(...busiest)).toBe(40)
  expect(Math.max(...sentAt) - Math.min(...sentAt)).toBeLessThan(2_100)
})

test('says again, a second later, what the service has had too soon, and fails it at its deadline alone', async () => {
  await using world = new World()
  const { inbox, heard } = world.open({ deadlineMs: 3_000 })
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  const marked = inbox.markRead(idOf(1))
  const tooSoon = { code: 'rate_limited', detail: 'Too many commands.', retryable: true }
  const { id } = socket.command('mark')
  socket.say({ type: 'error', id, payload: tooSoon })
  const subscribed = inbox.subscribe('news')
  await world.time.pass(999)
  expect(socket.types).toEqual(['mark'])
  await world.time.pass(1)
  expect(socket.received.map((command) => command.id)).toEqual([id, id, socket.received[2]?.id])
  reply(socket, { topic: 'news' })
  socket.say({ type: 'reply', id, payload: DONE })
  expect(await marked).toEqual(DONE)
  await subscribed

  const never = failureOf(inbox.markRead(idOf(2)))
  for (let second = 0; second < 3; second++) {
    socket.say({ type: 'error', id: socket.received.at(-1)?.id, payload: tooSoon })
    await world.time.pass(1_000)
  }
  expect(await never).toMatchObject({ code: 'deadline_exceeded' })
  expect(heard.error).toEqual([])
})
