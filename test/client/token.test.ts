import { expect, test } from 'vitest'
import { deferred } from '../deferred.js'
import { fakeToken, World } from './world.js'

/** So long before its end the token of a welcome is asked for. */
const LEAD_MS = 75_000

function inMinutes(world: World, minutes: number): string {
  return new Date(world.time.now + minutes * 60_000).toISOString()
}

/** A client that gives a new token each time, and how often it was asked. */
function openCounting(world: World): { client: ReturnType<World['open']>; asked: () => number } {
  let asked = 0
  const client = world.open({ token: () => fakeToken('alice', String(++asked)) })
  return { client, asked: () => asked }
}

test('sends a fresh token before the old one ends, and again before that one does', async () => {
  await using world = new World()
  const { asked } = openCounting(world)
  await world.time.settle()
  const { last: socket } = world.server
  // Its clock is two hours ahead of ours.
  socket.welcome({ serverTime: inMinutes(world, 120), tokenExpiresAt: inMinutes(world, 130) })
  const alive = async (milliseconds: number): Promise<void> => {
    for (let left = milliseconds; left > 0; left -= 20_000) {
      await world.time.pass(Math.min(left, 20_000))
      socket.say({ type: 'pong', payload: {} })
    }
  }
  await alive(600_000 - LEAD_MS - 1)
  expect(asked()).toBe(1)
  await world.time.pass(1)
  expect(socket.command('authenticate').payload).toEqual({ token: fakeToken('alice', '2') })
  const { id } = socket.command('authenticate')
  socket.say({ type: 'reply', id, payload: { tokenExpiresAt: inMinutes(world, 130) } })
  await alive(600_000 - LEAD_MS)
  expect(socket.command('authenticate').payload).toEqual({ token: fakeToken('alice', '3') })
  expect(world.server.sockets).toHaveLength(1)
})

test('asks when the service says that the end is near, once', async () => {
  await using world = new World()
  const { asked } = openCounting(world)
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome({ serverTime: inMinutes(world, 0), tokenExpiresAt: inMinutes(world, 60) })
  socket.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  socket.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  await world.time.settle()
  expect(asked()).toBe(2)
  expect(socket.types).toEqual(['authenticate'])
})

test('asks once where the service warns while a token is being fetched', async () => {
  await using world = new World()
  let asked = 0
  const slow = deferred<string>()
  world.open({ token: () => (++asked === 1 ? fakeToken('alice') : slow.promise) })
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  await world.time.pass(1_000)
  socket.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  await world.time.pass(10_000)
  slow.resolve(fakeToken('alice', 'fresh'))
  await world.time.settle()
  expect(asked).toBe(2)
  expect(socket.types).toEqual(['authenticate'])
})

test('refreshes no token of a connection that is gone', async () => {
  await using world = new World()
  const { asked } = openCounting(world)
  await world.time.settle()
  const quiet = world.time.timers
  world.server.last.welcome({ tokenExpiresAt: inMinutes(world, 2) })
  world.server.last.end(1006)
  await world.time.pass(500)
  expect(asked()).toBe(2)
  // The next attempt waits for its welcome, and nothing else does.
  expect(world.time.timers).toBe(quiet)
})

test('asks no more often than every 5 s where the same old token is given', async () => {
  await using world = new World()
  let asked = 0
  world.open({
    token: () => {
      asked++
      return fakeToken('alice')
    },
  })
  await world.time.settle()
  const { last: socket } = world.server
  const end = inMinutes(world, 1)
  socket.welcome({ serverTime: inMinutes(world, 0), tokenExpiresAt: end })
  for (let second = 0; second < 90; second++) {
    await world.time.pass(1_000)
    const { id } = socket.received.findLast(({ type }) => type === 'authenticate') ?? {}
    if (id !== undefined) socket.say({ type: 'reply', id, payload: { tokenExpiresAt: end } })
    else socket.say({ type: 'pong', payload: {} })
  }
  expect(asked).toBeGreaterThan(2)
  // After 45 s, and from then on at most once in 5 s.
  expect(asked).toBeLessThanOrEqual(1 + 10)
})

test('tries again where no fresh token can be had, and says so; the connection lives on', async () => {
  await using world = new World()
  let asked = 0
  const client = world.open({
    token: () => {
      if (++asked === 2) throw new Error('the issuer is down')
      return fakeToken('alice', String(asked))
    },
  })
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  await world.time.settle()
  expect(client.errors).toEqual(['token_failed'])
  await world.time.pass(5_000)
  expect(socket.command('authenticate').payload).toEqual({ token: fakeToken('alice', '3') })
  expect(client.inbox.status.state).toBe('open')
})

test('tries again where the service can not look at a fresh token now, and says so', async () => {
  await using world = new World()
  const { client, asked } = openCounting(world)
  await world.time.settle()
  const { last: socket } = world.server
  socket.welcome()
  socket.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  await world.time.settle()
  const { id } = socket.command('authenticate')
  const payload = { code: 'keys_unavailable', detail: 'Not now.', retryable: true }
  socket.say({ type: 'error', id, payload })
  await world.time.settle()
  expect(client.errors).toEqual(['keys_unavailable'])
  await world.time.pass(5_000)
  expect(asked()).toBe(3)
  expect(socket.command('authenticate').id).not.toBe(id)
})

test('never says a token again on a later connection: it would be an old one', async () => {
  await using world = new World()
  openCounting(world)
  await world.time.settle()
  world.server.last.welcome()
  world.server.last.say({ type: 'token_expiring', payload: { expiresAt: inMinutes(world, 1) } })
  await world.time.settle()
  expect(world.server.last.types).toEqual(['authenticate'])
  world.server.last.end(1006)
  await world.time.pass(500)
  world.server.last.welcome()
  await world.time.settle()
  expect(world.server.last.types).toEqual([])
})
