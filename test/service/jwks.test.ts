import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IdentityProvider } from '../auth/identity-provider.js'
import { TestClient } from '../client.js'
import { shortOf } from '../http/problem-of.js'
import { startService, temporaryFolder, type TestService } from '../harness.js'
import { ServiceProcess } from '../process.js'

/** A service that believes what the provider's keys have signed; it has fetched them when this resolves. */
async function serviceOf(provider: IdentityProvider, cooldownMs = 60_000): Promise<TestService> {
  const service = await startService({
    environment: { JWT_SECRET: '', JWKS_URL: provider.url },
    keyTimes: { cooldownMs },
  })
  await provider.asked(1)
  return service
}

test('takes tokens by a published key, over REST and sockets', async () => {
  await using provider = await IdentityProvider.start()
  provider.publish('first')
  await using service = await serviceOf(provider)
  const { api } = service
  await using client = await api.connect('alice', { token: await provider.sign('first') })
  await client.first('caught_up')
  const token = await provider.sign('first', { sub: 'shop', scope: 'posthorn:send' })
  expect((await api.post({ to: { user: 'alice' }, type: 'test' }, { token })).status).toBe(201)
  await client.received(1)
  expect(provider.fetches).toBe(1)
})

test('fetches the keys once for a thousand requests that wait for them', async () => {
  await using provider = await IdentityProvider.start()
  provider.publish('first')
  provider.hold()
  await using service = await serviceOf(provider)
  const tokens = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => provider.sign('first', { sub: `user-${index}` })),
  )
  const answers = tokens.map((token) => service.api.request('/v1/inbox/counts', { token }))
  provider.release()
  const statuses = await Promise.all(
    answers.map(async (answer) => {
      const response = await answer
      await response.body?.cancel()
      return response.status
    }),
  )
  expect(statuses.filter((status) => status !== 200)).toEqual([])
  expect(provider.fetches).toBe(1)
})

test('answers a key that may be new by 503 and when to come again, on a socket by 1013, never by 401', async () => {
  await using provider = await IdentityProvider.start()
  provider.publish('first')
  await using service = await serviceOf(provider)
  const { api } = service
  await using open = await api.connect('alice', { token: await provider.sign('first') })
  await open.first('caught_up')
  provider.publish('first', 'next')
  const token = await provider.sign('next')

  const flood = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const unknown = await provider.sign('next', { jti: String(index) })
      return api.request('/v1/inbox', { token: unknown })
    }),
  )
  for (const response of flood) {
    const { headers } = response
    expect(await shortOf(response)).toBe('503 keys_unavailable')
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect(headers.get('www-authenticate')).toBeNull()
  }
  for (const credential of ['subprotocol', 'first-message'] as const) {
    await using client = await api.connect('alice', { token, credential })
    expect(await client.closed).toEqual({ code: 1013, reason: 'keys_unavailable' })
    expect(client.all('error')[0]?.payload).toMatchObject({
      code: 'keys_unavailable',
      retryable: true,
    })
  }
  // A client that sees the status of its handshake gets it there.
  await expect(TestClient.connect(service.url, { token, device: 'phone' })).rejects.toThrow(/503/)

  // A connection whose fresh token can't be looked at yet has the old one still.
  open.send({ type: 'authenticate', id: 'fresh', payload: { token } })
  expect(await open.first('error')).toMatchObject({
    id: 'fresh',
    payload: { code: 'keys_unavailable', retryable: true },
  })
  await api.request('/v1/inbox', { token: await provider.sign('first') })
  open.send({ type: 'ping' })
  await open.first('pong')
  expect(provider.fetches).toBe(1)
})

test('takes a new key when the cooldown is over', async () => {
  await using provider = await IdentityProvider.start()
  provider.publish('first')
  await using service = await serviceOf(provider, 0)
  provider.publish('next')
  await using client = await service.api.connect('alice', { token: await provider.sign('next') })
  await client.first('welcome')
  const response = await service.api.request('/v1/inbox', { token: await provider.sign('first') })
  // Withdrawn, and looked for since: this one is bad.
  expect(await shortOf(response)).toBe('401 invalid_token')
})

test('starts while the provider is down, answers 503 until it is up, and stops while it hangs', async () => {
  await using provider = await IdentityProvider.start()
  provider.publish('first')
  provider.mood = 'faulty'
  await using service = await serviceOf(provider, 0)
  const { api } = service
  const token = await provider.sign('first')
  expect(await shortOf(await api.request('/v1/inbox', { token }))).toBe('503 keys_unavailable')
  expect((await api.request('/readyz')).status).toBe(200)
  provider.mood = 'well'
  expect((await api.request('/v1/inbox', { token })).status).toBe(200)

  provider.mood = 'silent'
  const asked = provider.fetches
  const waiting = api.request('/v1/inbox', { token: await provider.sign('first', { sub: 'bob' }) })
  expect((await waiting).status).toBe(200)
  provider.make('next')
  const hanging = api.request('/v1/inbox', { token: await provider.sign('next') })
  await provider.asked(asked + 1)
  await service.close()
  expect(await shortOf(await hanging)).toBe('503 keys_unavailable')
})

test('writes no line of error for requests that came at a bad time', async () => {
  using folder = temporaryFolder()
  await using provider = await IdentityProvider.start()
  provider.publish('first')
  provider.mood = 'faulty'
  await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), {
    JWT_SECRET: '',
    JWKS_URL: provider.url,
  })
  const token = await provider.sign('first')
  for (let count = 0; count < 5; count++) {
    expect(await shortOf(await service.api.request('/v1/inbox', { token }))).toBe(
      '503 keys_unavailable',
    )
  }
  service.signal('SIGTERM')
  await service.exited
  const levels = service.log.map(({ level, msg }) => `${level} ${msg}`)
  expect(levels.filter((line) => line.startsWith('error'))).toEqual([])
  expect(levels.filter((line) => line === 'info request')).toHaveLength(5)
  expect(levels.filter((line) => line === 'warn keys could not be fetched')).toHaveLength(1)
})
