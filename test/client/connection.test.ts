import { describe, expect, test } from 'vitest'
import { afterClose } from '../../src/client/closes.js'
import { ERRORS } from '../../src/protocol/errors.js'
import { deferred } from '../deferred.js'
import { notification } from './fake-server.js'
import { failureOf, fakeToken, World } from './world.js'

test('connects with the token beside the URL, never in it', async () => {
  await using world = new World()
  const client = world.open({ url: 'wss://notify.example/posthorn?x=1' })
  await world.time.settle()
  const { url, token, subprotocol } = world.server.last.request
  expect(url.href).toBe('wss://notify.example/posthorn/v1/socket?device=phone&batch=true')
  expect([token, subprotocol]).toEqual([fakeToken('alice'), 'posthorn.v1'])
  expect(client.inbox.status).toEqual({ state: 'connecting', attempt: 1 })
  world.server.last.welcome({ unread: 4, unseen: 2, latest: 7 })
  expect(client.inbox.status).toEqual({
    state: 'open',
    phase: 'replaying',
    user: 'alice',
    device: 'phone',
  })
  expect(client.inbox.counts).toEqual({ unread: 4, unseen: 2 })
  world.server.last.say({ type: 'caught_up', payload: { seq: 7, unread: 4, unseen: 2 } })
  expect(client.inbox.status).toMatchObject({ state: 'open', phase: 'live' })
  await world.time.settle()
  expect(world.server.last.acks).toEqual([7])
})

test('waits twice as long after each failure, up to 30 s, and never gives up', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  const waits: number[] = []
  for (let attempt = 1; attempt <= 12; attempt++) {
    world.server.last.end(1006)
    const { status } = client.inbox
    if (status.state !== 'waiting') throw new Error(`it is ${status.state}`)
    expect(status.attempt).toBe(attempt)
    waits.push(status.retryAt - world.time.now)
    await world.time.pass(status.retryAt - world.time.now)
    expect(world.server.sockets).toHaveLength(attempt + 1)
  }
  expect(waits.slice(0, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000])
  expect(Math.max(...waits)).toBe(30_000)
})

test('draws the whole of a wait, from nothing to its bound', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  world.drawn = 0
  world.server.last.end(1006)
  expect(client.inbox.status).toMatchObject({ state: 'waiting', retryAt: world.time.now })
})

test('begins with short waits again after a connection that held, and not after one that did not', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  for (const wait of [500, 1_000, 2_000]) {
    world.server.last.welcome()
    world.server.last.end(1006)
    await world.time.pass(wait)
  }
  world.server.last.welcome()
  await world.time.pass(10_000)
  world.server.last.end(1006)
  expect(client.inbox.status).toMatchObject({ attempt: 1, retryAt: world.time.now + 500 })
})

test('wakes at once where the network is back, or the page is seen', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  for (let failures = 0; failures < 5; failures++) {
    world.server.last.end(1006)
    await world.wake()
  }
  expect(world.server.sockets).toHaveLength(6)
  world.server.last.welcome()
  await world.wake()
  expect(world.server.last.types).toEqual(['ping'])
  await client.inbox.close()
  expect(world.watched).toBe(0)
})

test('comes back when the service that drains has said', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.say({ type: 'draining', payload: { reconnectAfterMs: 7_300 } })
  world.server.last.end(1012)
  expect(client.inbox.status).toMatchObject({
    state: 'waiting',
    retryAt: world.time.now + 7_300,
  })
  await world.time.pass(7_299)
  expect(world.server.sockets).toHaveLength(1)
  await world.time.pass(1)
  expect(world.server.sockets).toHaveLength(2)
})

test('obeys one draining once: what fails after it is backed off from, and the network back ends its wait too', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.say({ type: 'draining', payload: { reconnectAfterMs: 7_300 } })
  // Until it is sent away it goes on.
  socket.notify(notification(1))
  await world.time.settle()
  expect([client.seqs, socket.acks, client.inbox.status.state]).toEqual([[1], [1], 'open'])
  socket.end(1001)
  await world.time.pass(7_300)
  world.server.last.end(1006)
  expect(client.inbox.status).toMatchObject({ retryAt: world.time.now + 1_000 })
  await world.time.pass(1_000)
  world.server.last.welcome()
  world.server.last.say({ type: 'draining', payload: { reconnectAfterMs: 20_000 } })
  world.server.last.end(1012)
  await world.wake()
  expect(world.server.sockets).toHaveLength(4)
})

describe('after each close', () => {
  const NEVER = [1000, 1003, 1009, 4400, 4403, 4409, 4410]
  const AGAIN = [1001, 1006, 1011, 1012, 1013, 4401, 4408, 4429, 4999]

  test.each(NEVER)('%d it gives up, and says why', async (code) => {
    await using world = new World()
    const client = world.open()
    await world.time.settle()
    world.server.last.welcome()
    const waiting = failureOf(client.inbox.subscribe('news'))
    world.server.last.end(code, 'the_reason')
    expect(await waiting).toMatchObject({ code: 'closed' })
    const why = { by: 'service', code, reason: 'the_reason' }
    expect(client.inbox.status).toEqual({ state: 'closed', why })
    expect(client.errors).toEqual(['the_reason'])
    await world.time.pass(120_000)
    expect(world.server.sockets).toHaveLength(1)
    expect(world.time.timers).toBe(0)
    await expect(client.inbox.markRead('all')).rejects.toMatchObject({ code: 'closed' })
  })

  test.each(AGAIN)('%d it comes again', async (code) => {
    await using world = new World()
    world.open()
    await world.time.settle()
    world.server.last.welcome()
    world.server.last.end(code)
    await world.time.pass(499)
    // With another token it may succeed at once; with all else it is no better now.
    expect(world.server.sockets).toHaveLength(code === 4401 ? 2 : 1)
    await world.time.pass(1)
    expect(world.server.sockets).toHaveLength(2)
  })

  test('it does as the table of errors says of those that may not be tried again', () => {
    for (const [code, { close, retryable }] of Object.entries(ERRORS)) {
      if (close === null) continue
      const expected = close === 4401 ? 'token' : retryable ? 'again' : 'stop'
      expect([code, afterClose(close)]).toEqual([code, expected])
    }
  })
})

test('asks for a token again at once where one is refused, and backs off where the next is no better', async () => {
  await using world = new World()
  let asked = 0
  const client = world.open({ token: () => fakeToken('alice', String(++asked)) })
  await world.time.settle()
  world.server.last.end(4401, 'token_expired')
  await world.time.pass(0)
  expect(asked).toBe(2)
  expect(world.server.last.request.token).toBe(fakeToken('alice', '2'))
  world.server.last.end(4401, 'invalid_token')
  expect(client.inbox.status).toMatchObject({ retryAt: world.time.now + 1_000 })
  await world.time.pass(1_000)
  world.server.last.end(4401, 'invalid_token')
  expect(client.inbox.status).toMatchObject({ retryAt: world.time.now + 2_000 })
})

test('backs off where `token` fails or does not answer, and says so', async () => {
  await using world = new World()
  let asked = 0
  const client = world.open({
    token: () => {
      asked++
      if (asked === 1) throw new Error('signed out')
      return asked === 2 ? new Promise(() => undefined) : fakeToken('alice')
    },
  })
  await world.time.settle()
  expect(client.inbox.status).toMatchObject({ state: 'waiting', attempt: 1 })
  await world.time.pass(500 + 30_000)
  expect(client.inbox.status).toMatchObject({ state: 'waiting', attempt: 2 })
  await world.time.pass(1_000)
  expect(world.server.sockets).toHaveLength(1)
  expect(client.errors).toEqual(['token_failed', 'token_failed'])
})

test('lets go of a connection that brings no welcome in 20 s', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.pass(20_000)
  expect(world.server.last.closedWith).toBe('abandoned')
  expect(client.inbox.status).toMatchObject({ state: 'waiting', attempt: 1 })
})

test('notices a server that is dead: no frame for the heartbeat, a ping, and nothing in 10 s', async () => {
  await using world = new World()
  world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome({ heartbeatMs: 25_000 })
  await world.time.pass(20_000)
  socket.notify(notification(1))
  await world.time.pass(24_999)
  expect(socket.types).not.toContain('ping')
  await world.time.pass(1)
  expect(socket.types).toContain('ping')
  socket.say({ type: 'pong', payload: {} })
  await world.time.pass(34_999)
  expect(socket.closedWith).toBeUndefined()
  await world.time.pass(1)
  expect(socket.closedWith).toBe('abandoned')
  await world.time.pass(500)
  expect(world.server.sockets).toHaveLength(2)
})

test('looks once, however often it is woken: a dead server gains no time by it', async () => {
  await using world = new World()
  world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  await world.wake()
  await world.time.pass(9_000)
  await world.wake()
  expect(socket.types).toEqual(['ping'])
  await world.time.pass(1_000)
  expect(socket.closedWith).toBe('abandoned')
})

test('looks at once after the machine has slept', async () => {
  await using world = new World()
  world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  world.time.sleep(3_600_000)
  // The next tick comes much too late by the clock on the wall.
  await world.time.pass(5_000)
  expect(socket.types).toEqual(['ping'])
  await world.time.pass(10_000)
  expect(socket.closedWith).toBe('abandoned')
})

test('ends a wait that the machine has slept through', async () => {
  await using world = new World()
  world.open()
  await world.time.settle()
  for (let failures = 0; failures < 7; failures++) {
    world.server.last.end(1006)
    if (failures < 6) await world.wake()
  }
  world.time.sleep(60_000)
  await world.time.pass(5_000)
  expect(world.server.sockets).toHaveLength(8)
})

test('passes over what a newer service says, and reports what no service should say', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome({ mood: 'good' })
  socket.say({ type: 'rumour', payload: 7 })
  socket.notify(notification(1, { priority: 'shrill' }))
  socket.say({
    type: 'removed',
    payload: { seq: 2, id: notification(1).id, reason: 'forgotten', mood: 'bad' },
  })
  await world.time.settle()
  expect(client.errors).toEqual([])
  expect(client.heard.notification[0]?.notification.priority).toBe('shrill')
  expect(client.heard.removed[0]?.reason).toBe('forgotten')
  socket.text('not JSON')
  socket.say({ type: 'notification', payload: {} })
  socket.say(7)
  expect(client.errors).toEqual(['unreadable', 'unreadable', 'unreadable'])
  expect(client.inbox.status.state).toBe('open')
})

test('tells once why it gives up, where the service says it before the close', async () => {
  await using world = new World()
  const client = world.open()
  await world.time.settle()
  world.server.last.welcome()
  const payload = { code: 'device_removed', detail: 'It was removed.', retryable: false }
  world.server.last.say({ type: 'error', payload })
  world.server.last.end(4410, 'device_removed')
  expect(client.errors).toEqual(['device_removed'])
})

test('waits for no token any more once it is closed', async () => {
  await using world = new World()
  const client = world.open({ token: () => new Promise(() => undefined) })
  await world.time.settle()
  await client.inbox.close()
  await world.time.settle()
  expect(world.time.timers).toBe(0)
  expect(client.errors).toEqual([])
})

test('closes once, in any state, and leaves no timer and no socket', async () => {
  await using world = new World()
  const token = deferred<string>()
  const asking = world.open({ token: () => token.promise })
  await world.time.settle()
  await asking.inbox.close()
  token.resolve(fakeToken('alice'))
  await world.time.settle()
  expect(world.server.sockets).toEqual([])

  const connecting = world.open()
  await world.time.settle()
  await connecting.inbox.close()
  expect(world.server.last.closedWith).toEqual({ code: 1000, reason: 'done' })

  const open = world.open()
  await world.time.settle()
  world.server.last.welcome()
  await Promise.all([open.inbox.close(), open.inbox.close()])
  expect(world.server.last.closedWith).toEqual({ code: 1000, reason: 'done' })
  const why = { by: 'application', code: 1000, reason: '' }
  expect(open.inbox.status).toEqual({ state: 'closed', why })

  const waiting = world.open()
  await world.time.settle()
  world.server.last.end(1006)
  await waiting.inbox.close()
  await world.time.settle()
  expect(world.time.timers).toBe(0)
  expect(world.server.sockets).toHaveLength(3)
})

test('waits for the handler that runs before it closes, keeps what that finishes, and acknowledges it', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', () => slow.promise)
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.notify(notification(1), notification(2))
  const closed = client.inbox.close()
  await world.time.pass(1_000)
  expect(socket.closedWith).toBeUndefined()
  slow.resolve()
  await closed
  expect(client.seqs).toEqual([1])
  expect(socket.acks).toEqual([1])
  expect(socket.closedWith).toEqual({ code: 1000, reason: 'done' })
})

test('lets a handler close the inbox, and wait for that', async () => {
  await using world = new World()
  const client = world.open()
  let isClosed = false
  client.inbox.on('notification', async () => {
    await client.inbox.close()
    isClosed = true
  })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1))
  await world.time.pass(2_000)
  expect(isClosed).toBe(true)
  expect(world.server.last.closedWith).toEqual({ code: 1000, reason: 'done' })
  expect(world.time.timers).toBe(0)
})

test('waits no longer than 2 s for a handler, and keeps what that finishes after the end', async () => {
  await using world = new World()
  const client = world.open()
  const slow = deferred<void>()
  client.inbox.on('notification', () => slow.promise)
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.notify(notification(1), notification(2))
  const closed = client.inbox.close()
  await world.time.pass(2_000)
  await closed
  slow.resolve()
  await world.time.settle()
  expect(client.seqs).toEqual([1])
  world.open()
  await world.time.settle()
  expect(world.server.last.query).toMatchObject({ cursor: '1' })
})

test('shows what goes over the wire, but no token', async () => {
  await using world = new World()
  const { heard } = world.open({ token: () => fakeToken('alice', 'secret-mark') })
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.say({
    type: 'token_expiring',
    payload: { expiresAt: '2026-11-22T10:01:00.000Z' },
  })
  await world.time.settle()
  expect(heard.frame.map(({ direction, text }) => [direction, text.slice(0, 20)])).toEqual([
    ['received', '{"type":"welcome","p'],
    ['received', '{"type":"token_expir'],
    ['sent', '{"type":"authenticat'],
  ])
  expect(JSON.stringify(heard.frame)).not.toContain(fakeToken('alice', 'secret-mark'))
})

test('is no plain object, which a framework would wrap in a proxy', async () => {
  await using world = new World()
  const { inbox } = world.open()
  expect(Object.prototype.toString.call(inbox)).toBe('[object Inbox]')
})
