import { expect, test } from 'vitest'
import { command } from './command.js'
import { settled } from './memory-log.js'
import { NOW, openSession } from './session-fixture.js'

test('welcomes with all that the contract names', async () => {
  const { socket } = await openSession()
  expect(socket.messages[0]).toEqual({
    type: 'welcome',
    payload: {
      connection: 'a-connection',
      user: 'alice',
      device: 'phone',
      epoch: 'an-epoch',
      cursor: 0,
      latest: 0,
      unread: 0,
      unseen: 0,
      heartbeatMs: 25_000,
      maxUnacked: 512,
      maxFrameBytes: 16_384,
      tokenExpiresAt: new Date(NOW + 3_600_000).toISOString(),
      serverTime: new Date(NOW).toISOString(),
    },
  })
  expect(socket.types).toEqual(['welcome', 'caught_up'])
})

test('opens on a first message, answers its id after the welcome', async () => {
  const { session, socket } = await openSession({ credential: { kind: 'none' } })
  expect(socket.frames).toEqual([])
  session.receive(command('authenticate', { token: 'alice' }, 'first'))
  await settled()
  expect(socket.types).toEqual(['welcome', 'reply', 'caught_up'])
})

test('closes 4408 when no token comes within five seconds', async () => {
  const { socket, tick } = await openSession({ credential: { kind: 'none' } })
  tick(4_999)
  expect(socket.closedWith).toBeUndefined()
  tick(1)
  expect(socket.errors).toEqual(['authentication_timeout'])
  expect(socket.closedWith?.code).toBe(4408)
})

test.each([
  [command('authenticate', { token: 'nobody' }), 'invalid_token', 4401],
  [command('ping'), 'missing_token', 4401],
  [command('authenticate', { token: 'tablet' }), 'device_not_allowed', 4403],
])('refuses %s as a first message: %s, %i', async (text, code, close) => {
  const { session, socket } = await openSession({ credential: { kind: 'none' } })
  session.receive(text)
  await settled()
  expect(socket.errors).toEqual([code])
  expect(socket.closedWith?.code).toBe(close)
})

test('tells of a bad subprotocol token by an error and 4401', async () => {
  const { socket } = await openSession({ credential: { kind: 'token', token: 'nobody' } })
  expect(socket.types).toEqual(['error'])
  expect(socket.errors).toEqual(['invalid_token'])
  expect(socket.closedWith).toEqual({ code: 4401, reason: 'invalid_token' })
})

test('closes 4400 when no device is named after the handshake', async () => {
  const { socket } = await openSession({
    credential: { kind: 'token', token: 'alice' },
    request: { device: undefined },
  })
  expect(socket.errors).toEqual(['device_required'])
  expect(socket.closedWith?.code).toBe(4400)
})

test('takes the device of the token where the query names none', async () => {
  const { socket } = await openSession({
    credential: { kind: 'token', token: 'tablet' },
    request: { device: undefined },
  })
  expect(socket.messages[0]).toMatchObject({ payload: { device: 'tablet' } })
})

test('keeps messages that come while it opens, in order, and bounds them', async () => {
  const { session, socket, log } = await openSession({ credential: { kind: 'none' } })
  log.append()
  log.hold()
  session.receive(command('authenticate', { token: 'alice' }))
  session.receive(command('ping', undefined, 'early'))
  await log.release()
  await settled()
  expect(socket.types).toEqual(['welcome', 'pong', 'notification', 'caught_up'])

  const flooded = await openSession({ credential: { kind: 'none' } })
  flooded.log.hold()
  flooded.session.receive(command('authenticate', { token: 'alice' }))
  for (let count = 0; count < 65; count++) flooded.session.receive(command('ping'))
  expect(flooded.socket.closedWith?.code).toBe(4429)
  await flooded.log.release()
})

test('goes on after bad input, and closes 4400 at the tenth within a minute', async () => {
  const { session, socket, tick } = await openSession()
  const bad = ['{', '[]', '{"type":"nonsense"}', '{"type":"ack","payload":{"seq":-1}}']
  for (const text of bad) session.receive(text)
  expect(socket.errors).toEqual([
    'malformed_message',
    'invalid_message',
    'unknown_type',
    'invalid_message',
  ])
  for (let count = 0; count < 5; count++) session.receive('{')
  expect(socket.closedWith).toBeUndefined()
  session.receive(command('ping', undefined, 'alive'))
  expect(socket.types.at(-1)).toBe('pong')

  // A minute later those are forgotten.
  for (const step of [20_000, 20_000, 20_000]) {
    session.heard()
    tick(step)
  }
  for (let count = 0; count < 9; count++) session.receive('{')
  expect(socket.closedWith).toBeUndefined()
  session.receive('{')
  expect(socket.errors.at(-1)).toBe('too_many_errors')
  expect(socket.closedWith?.code).toBe(4400)
})

test('closes 1003 on a binary frame', async () => {
  const { session, socket } = await openSession()
  session.receiveBinary()
  expect(socket.closedWith?.code).toBe(1003)
})

test('pings at each heartbeat and closes 4408 after ten seconds without a sign of life', async () => {
  const { session, socket, tick } = await openSession()
  tick(24_999)
  expect(socket.pings).toBe(0)
  tick(1)
  expect(socket.pings).toBe(1)
  tick(9_999)
  session.heard()
  tick(15_001)
  expect(socket.pings).toBe(2)
  tick(9_999)
  expect(socket.closedWith).toBeUndefined()
  tick(1)
  expect(socket.closedWith?.code).toBe(4408)
})

test('closes 4408 when more than 1 MiB is buffered', async () => {
  const { socket, tick } = await openSession()
  socket.bufferedAmount = 1024 * 1024 + 1
  tick(1)
  expect(socket.closedWith?.code).toBe(4408)
})

test('looks at the buffer before it answers: whoever asks and never reads fills no memory until the next tick', async () => {
  const { session, socket } = await openSession()
  socket.onSend = (text) => (socket.bufferedAmount += text.length)
  for (let count = 0; count < 20_000; count++) session.receive(command('ack', { seq: 9 }))
  expect(socket.closedWith).toEqual({ code: 4408, reason: 'too_slow' })
  expect(socket.bufferedAmount).toBeLessThan(1024 * 1024 + 1_000)
})

test('announces the end of the token a minute before, once, and closes 4401 at it', async () => {
  const { socket, tick, session } = await openSession({ tokenMs: 100_000 })
  const pass = (milliseconds: number): void => {
    session.heard()
    tick(milliseconds)
  }
  for (const step of [20_000, 19_999]) pass(step)
  expect(socket.types).not.toContain('token_expiring')
  for (const step of [1, 20_000, 20_000, 19_999]) pass(step)
  expect(socket.types.filter((type) => type === 'token_expiring')).toHaveLength(1)
  expect(socket.closedWith).toBeUndefined()
  pass(1)
  expect(socket.errors).toEqual(['token_expired'])
  expect(socket.closedWith?.code).toBe(4401)
})

test('refuses more than 50 commands a second, acknowledgements apart, and closes 4429 where it goes on', async () => {
  const { session, socket, tick } = await openSession()
  for (let count = 0; count < 50; count++) session.receive(command('ping'))
  expect(socket.errors).toEqual([])
  session.receive(command('ping', undefined, 'too-much'))
  expect(socket.messages.at(-1)).toMatchObject({
    type: 'error',
    id: 'too-much',
    payload: { code: 'rate_limited', retryable: true },
  })
  for (let count = 0; count < 200; count++) session.receive(command('ack', { seq: 0 }))
  expect(socket.errors).toEqual(['rate_limited'])

  tick(1_000)
  for (let count = 0; count < 50 + 49; count++) session.receive(command('ping'))
  expect(socket.closedWith).toBeUndefined()
  session.receive(command('ping'))
  expect(socket.closedWith?.code).toBe(4429)
})

test('closes 4408 at the end of the idle time, by messages alone', async () => {
  const { session, socket, tick } = await openSession({ idleTimeoutMs: 60_000 })
  const pass = (milliseconds: number): void => {
    session.heard()
    tick(milliseconds)
  }
  for (const step of [20_000, 20_000, 19_999]) pass(step)
  session.receive(command('ping'))
  for (const step of [20_000, 20_000, 19_999]) pass(step)
  expect(socket.closedWith).toBeUndefined()
  pass(1)
  expect(socket.errors).toEqual(['idle'])
  expect(socket.closedWith).toEqual({ code: 4408, reason: 'idle' })
})
