import { expect, test } from 'vitest'
import { startService, tokenFor, type TestService } from '../harness.js'
import type { TestClient } from '../client.js'
import { afterTick, QUICK_TICKS, TestClock } from './test-clock.js'

const WAYS = ['header', 'subprotocol', 'first-message'] as const

interface Timed {
  service: TestService
  clock: TestClock
  [Symbol.asyncDispose]: () => Promise<void>
}

async function startTimed(): Promise<Timed> {
  const clock = new TestClock()
  const service = await startService({ clock: clock.now, environment: QUICK_TICKS })
  return { service, clock, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() }
}

/** Sends a fresh token in-band, with the id `fresh`. */
function authenticate(client: TestClient, token: string): void {
  client.send({ type: 'authenticate', id: 'fresh', payload: { token } })
}

test.each(WAYS)(
  'a connection ends with its token: 4401 at `exp` (token by %s)',
  async (credential) => {
    await using timed = await startTimed()
    const { service, clock } = timed
    const exp = clock.start + 100
    const token = await tokenFor('alice', { exp })
    await using client = await service.api.connect('alice', { token, credential })
    const { tokenExpiresAt } = (await client.first('welcome')).payload
    expect(tokenExpiresAt).toBe(new Date(exp * 1_000).toISOString())

    // The announcement shows that the service has looked at the time, and let the connection live.
    clock.moveTo(99_999)
    await client.first('token_expiring')
    await client.settled()
    clock.moveTo(100_000)
    expect(await client.closed).toEqual({ code: 4401, reason: 'token_expired' })
    expect(client.errors).toEqual(['token_expired'])

    const fresh = await tokenFor('alice', { exp: exp + 60 })
    await using next = await service.api.connect('alice', { token: fresh })
    await next.first('caught_up')
  },
)

test('a minute before its end a token is announced to expire, once', async () => {
  await using timed = await startTimed()
  const { service, clock } = timed
  const exp = clock.start + 100
  const token = await tokenFor('alice', { exp })
  await using client = await service.api.connect('alice', { token })
  await client.first('caught_up')

  clock.moveTo(39_999)
  await afterTick(client)
  await client.settled()
  expect(client.all('token_expiring')).toEqual([])
  clock.moveTo(40_000)
  const { payload } = await client.first('token_expiring')
  expect(payload).toEqual({ expiresAt: new Date(exp * 1_000).toISOString() })
  clock.moveTo(70_000)
  await afterTick(client)
  await client.settled()
  expect(client.all('token_expiring')).toHaveLength(1)
})

test('a token that is let in by the tolerance alone lives until that ends', async () => {
  await using timed = await startTimed()
  const { service, clock } = timed
  const token = await tokenFor('alice', { exp: clock.start - 29 })
  await using client = await service.api.connect('alice', { token })
  await client.first('token_expiring')
  clock.moveTo(999)
  await afterTick(client)
  await client.settled()
  clock.moveTo(1_000)
  expect(await client.closed).toEqual({ code: 4401, reason: 'token_expired' })
})

test('a fresh token in-band keeps the connection alive until its own end', async () => {
  await using timed = await startTimed()
  const { service, clock } = timed
  const token = await tokenFor('alice', { exp: clock.start + 100 })
  await using client = await service.api.connect('alice', { token })
  await client.first('caught_up')
  clock.moveTo(50_000)
  await client.first('token_expiring')

  const exp = clock.start + 300
  authenticate(client, await tokenFor('alice', { exp }))
  expect(await client.first('reply')).toEqual({
    type: 'reply',
    id: 'fresh',
    payload: { tokenExpiresAt: new Date(exp * 1_000).toISOString() },
  })
  // Past the end of the first token it lives, and reads on where it stood.
  clock.moveTo(239_999)
  await afterTick(client)
  await service.api.send('alice', 'still here')
  await client.received(1)
  expect(client.all('welcome')).toHaveLength(1)
  expect(client.all('token_expiring')).toHaveLength(1)

  clock.moveTo(299_999)
  await client.until(() => client.all('token_expiring').length === 2, 'a second announcement')
  clock.moveTo(300_000)
  expect(await client.closed).toEqual({ code: 4401, reason: 'token_expired' })
})

test('a fresh token that ends sooner shortens the connection', async () => {
  await using timed = await startTimed()
  const { service, clock } = timed
  const token = await tokenFor('alice', { exp: clock.start + 1_000 })
  await using client = await service.api.connect('alice', { token })
  await client.first('caught_up')
  authenticate(client, await tokenFor('alice', { exp: clock.start + 10 }))
  await client.first('reply')
  clock.moveTo(10_000)
  expect(await client.closed).toEqual({ code: 4401, reason: 'token_expired' })
})

test('a fresh token needs no id, and may name the device of the connection or none', async () => {
  await using service = await startService()
  const { api } = service
  const bound = await tokenFor('alice', { device: 'phone' })
  const unbound = await tokenFor('alice')
  await using client = await api.connect('alice', { token: bound })
  await client.first('caught_up')
  for (const token of [unbound, bound]) client.send({ type: 'authenticate', payload: { token } })
  authenticate(client, unbound)
  await client.first('reply')
  await client.settled()
  expect(client.errors).toEqual([])
  expect(client.all('reply')).toHaveLength(1)
})

const OTHERS = [
  ['another user', 'bob', {}, 'principal_changed'],
  ['another issuer', 'alice', { iss: 'https://other.example' }, 'principal_changed'],
  ['another device', 'alice', { device: 'tablet' }, 'principal_changed'],
  ['a service', 'alice', { scope: 'posthorn:send' }, 'insufficient_scope'],
] as const

test.each(OTHERS)('a fresh token of %s closes 4403', async (_who, subject, claims, code) => {
  await using service = await startService()
  const token = await tokenFor('alice', { iss: 'https://issuer.example' })
  await using client = await service.api.connect('alice', { token })
  await client.first('caught_up')
  authenticate(client, await tokenFor(subject, { iss: 'https://issuer.example', ...claims }))
  expect(await client.closed).toEqual({ code: 4403, reason: code })
  expect(client.messages.at(-1)).toMatchObject({ type: 'error', id: 'fresh', payload: { code } })
  await using next = await service.api.connect('alice')
  await next.first('caught_up')
})

test.each([
  ['invalid', { nbf: 9_999_999_999 }, 'invalid_token'],
  ['expired', { exp: 1 }, 'token_expired'],
])('a fresh token that is %s closes 4401', async (_what, claims, code) => {
  await using service = await startService()
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  authenticate(client, await tokenFor('alice', claims))
  expect(await client.closed).toEqual({ code: 4401, reason: code })
  expect(client.messages.at(-1)).toMatchObject({ type: 'error', id: 'fresh', payload: { code } })
})
