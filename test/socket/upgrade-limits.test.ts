import { expect, test } from 'vitest'
import { TestClient, type ConnectOptions } from '../client.js'
import { startService, tokenFor, type TestService, type TestServiceOptions } from '../harness.js'
import { measure } from '../measured.js'
import { refusedHandshake } from './refused-handshake.js'

const PATH = '/v1/socket?device=phone'

/** A service behind a proxy on this machine, which says where connections come from. */
function startBehindProxy({
  environment = {},
  ...rest
}: TestServiceOptions = {}): Promise<TestService> {
  return startService({
    environment: { TRUSTED_PROXIES: '127.0.0.1,::1', ...environment },
    ...rest,
  })
}

const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address })

async function connectAs(
  user: string,
  service: TestService,
  options: ConnectOptions = {},
): Promise<TestClient> {
  return TestClient.connect(service.url, {
    token: await tokenFor(user),
    device: 'phone',
    ...options,
  })
}

const forged = (): Promise<string> => tokenFor('alice', {}, { secret: 'x'.repeat(32) })

test('an address may open so many sockets, and hears before the handshake that it is one too many', async () => {
  await using service = await startBehindProxy({
    environment: { ADDRESS_UPGRADES_PER_SECOND: '1' },
  })
  const headers = from('203.0.113.9')
  // Whatever becomes of them, they count.
  const opened = await Promise.all(
    Array.from({ length: 10 }, () =>
      refusedHandshake(service.url, PATH, { ...headers, authorization: 'Bearer x' }),
    ),
  )
  expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([401]))
  const authorization = `Bearer ${await tokenFor('alice')}`
  const refused = await refusedHandshake(service.url, PATH, { ...headers, authorization })
  expect(refused).toMatchObject({ status: 429, problem: { code: 'rate_limited' } })
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)

  await using other = await connectAs('alice', service, { headers: from('203.0.113.8') })
  await other.first('welcome')
})

test('a bad token counts for its address, whichever way it comes over a socket', async () => {
  await using service = await startBehindProxy({
    environment: { ADDRESS_FAILURES_PER_MINUTE: '3' },
  })
  const headers = from('203.0.113.9')
  const token = await forged()
  const known = await tokenFor('bob')
  await using before = await connectAs('bob', service, { token: known, headers })
  await before.first('welcome')

  const authorization = `Bearer ${token}`
  expect(await refusedHandshake(service.url, PATH, { ...headers, authorization })).toMatchObject({
    status: 401,
  })
  for (const credential of ['subprotocol', 'first-message'] as const) {
    await using wrong = await connectAs('alice', service, { token, credential, headers })
    expect([(await wrong.closed).code, wrong.errors]).toEqual([4401, ['invalid_token']])
  }

  const refused = await refusedHandshake(service.url, PATH, { ...headers, authorization })
  expect(refused).toMatchObject({ status: 429, problem: { code: 'rate_limited' } })
  for (const credential of ['subprotocol', 'first-message'] as const) {
    await using good = await connectAs('carol', service, { credential, headers })
    expect([(await good.closed).code, good.errors]).toEqual([4429, ['rate_limited']])
  }
  // A neighbour who was let in before comes in again.
  await using neighbour = await connectAs('bob', service, { token: known, headers })
  await neighbour.first('welcome')
})

test('a token that takes the place of another counts too', async () => {
  await using service = await startBehindProxy({
    environment: { ADDRESS_FAILURES_PER_MINUTE: '1' },
  })
  const headers = from('203.0.113.9')
  await using client = await connectAs('alice', service, { headers })
  await client.first('welcome')
  client.send({ type: 'authenticate', payload: { token: await forged() } })
  expect((await client.closed).code).toBe(4401)
  const authorization = `Bearer ${await tokenFor('carol')}`
  expect(await refusedHandshake(service.url, PATH, { ...headers, authorization })).toMatchObject({
    status: 429,
  })
})

test('a user opens no more sockets than it may make requests', async () => {
  await using service = await startService({ environment: { USER_REQUESTS_PER_SECOND: '1' } })
  const token = await tokenFor('alice')
  const asked = await Promise.all(
    Array.from({ length: 10 }, () => service.api.request('/v1/inbox/counts', { token })),
  )
  for (const answer of asked) expect(await answer.json()).toMatchObject({ unread: 0 })
  await using client = await connectAs('alice', service)
  expect([(await client.closed).code, client.errors]).toEqual([4429, ['rate_limited']])
})

test('of one socket more than there may be, the last is told, as it can hear it', async () => {
  await using service = await startService({ environment: { MAX_CONNECTIONS: '1' } })
  const first = await connectAs('alice', service)
  await first.first('welcome')

  const authorization = `Bearer ${await tokenFor('bob')}`
  const refused = await refusedHandshake(service.url, PATH, { authorization })
  expect(refused).toMatchObject({ status: 503, problem: { code: 'overloaded' } })
  expect(refused.headers['retry-after']).toBe('10')
  await using page = await connectAs('bob', service, { credential: 'subprotocol' })
  expect([(await page.closed).code, page.errors]).toEqual([1013, ['overloaded']])
  await using late = await connectAs('bob', service, { credential: 'none' })
  expect([(await late.closed).code, late.errors]).toEqual([1013, ['overloaded']])

  const { text } = await measure(service)
  expect(text).toContain('posthorn_handshakes_refused_total{code="overloaded"} 3\n')

  // The one who was there is not disturbed, and leaves room when it goes.
  await first.settled()
  expect(service.connections()).toBe(1)
})

test('of connections that bring no token the oldest goes, of the same address first', async () => {
  await using service = await startBehindProxy({
    limits: { maxUnauthenticated: 3, maxUnauthenticatedPerAddress: 2 },
  })
  const silent = (address: string): Promise<TestClient> =>
    connectAs('alice', service, { credential: 'none', headers: from(address) })
  await using signedIn = await connectAs('bob', service, { credential: 'subprotocol' })
  await signedIn.first('welcome')

  await using first = await silent('203.0.113.1')
  await using second = await silent('203.0.113.2')
  await using third = await silent('203.0.113.2')
  await using fourth = await silent('203.0.113.2')
  expect([(await second.closed).code, second.errors]).toEqual([1013, ['overloaded']])
  await using fifth = await silent('203.0.113.3')
  expect((await first.closed).code).toBe(1013)

  // Who signs in makes room, and those who have are never meant.
  third.send({ type: 'authenticate', payload: { token: await tokenFor('carol') } })
  await third.first('welcome')
  await using sixth = await silent('203.0.113.4')
  await using seventh = await silent('203.0.113.5')
  expect((await fourth.closed).code).toBe(1013)
  await signedIn.settled()
  await third.settled()
  for (const client of [fifth, sixth, seventh]) expect(client.errors).toEqual([])
})
