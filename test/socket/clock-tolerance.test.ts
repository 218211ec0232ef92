import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../client.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { refusedHandshake } from './refused-handshake.js'
import { TestClock } from './test-clock.js'

const clock = new TestClock()
let service: TestService

beforeAll(async () => {
  service = await startService({ clock: clock.now })
})
afterAll(async () => service[Symbol.asyncDispose]())

const AFTER_THE_HANDSHAKE = ['subprotocol', 'first-message'] as const
const CHALLENGE = 'Bearer realm="posthorn", error="invalid_token"'

const TOLERATED = [
  ['expired 29 s ago', { exp: clock.start - 29 }],
  ['is valid in 29 s', { nbf: clock.start + 29 }],
  ['was issued in 29 s', { iat: clock.start + 29 }],
] as const

describe.each(TOLERATED)('a token that %s is taken', (_when, claims) => {
  test.each(['header', ...AFTER_THE_HANDSHAKE] as const)('by %s', async (credential) => {
    const token = await tokenFor('alice', claims)
    await using client = await service.api.connect('alice', { token, credential })
    expect((await client.first('welcome')).payload.user).toBe('alice')
  })

  test('over REST', async () => {
    const token = await tokenFor('alice', claims)
    expect((await service.api.request('/v1/inbox', { token })).status).toBe(200)
  })
})

const REFUSED = [
  ['expired 31 s ago', { exp: clock.start - 31 }, 'token_expired'],
  ['is valid in 31 s', { nbf: clock.start + 31 }, 'invalid_token'],
] as const

describe.each(REFUSED)('a token that %s is refused', (_when, claims, code) => {
  test('by the header: 401', async () => {
    const authorization = `Bearer ${await tokenFor('alice', claims)}`
    const path = '/v1/socket?device=phone'
    const { status, headers, problem } = await refusedHandshake(service.url, path, {
      authorization,
    })
    expect([status, problem.code]).toEqual([401, code])
    expect(headers['www-authenticate']).toBe(CHALLENGE)
  })

  test.each(AFTER_THE_HANDSHAKE)('by %s: 4401', async (credential) => {
    const token = await tokenFor('alice', claims)
    await using client = await TestClient.connect(service.url, {
      token,
      credential,
      device: 'phone',
    })
    expect(await client.closed).toEqual({ code: 4401, reason: code })
    expect(client.errors).toEqual([code])
  })

  test('over REST: 401', async () => {
    for (const scope of [undefined, 'posthorn:send']) {
      const token = await tokenFor('alice', { ...claims, ...(scope && { scope }) })
      const answer = await service.api.request('/v1/inbox', { token })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toBe(CHALLENGE)
      expect(await answer.json()).toMatchObject({ code })
    }
  })
})

test('a request with the token of a service is refused from 30 s after its end, remembered or not', async () => {
  await using own = await startService({ clock: clock.now })
  const body = { to: { user: 'alice' }, type: 'test' }
  const token = await tokenFor('shop', { scope: 'posthorn:send', exp: clock.start + 10 })
  for (const [passed, status] of [
    [0, 201],
    [9_999, 201],
    [10_000, 201],
    [39_999, 201],
    [40_000, 401],
  ] as const) {
    clock.moveTo(passed)
    expect([passed, (await own.api.post(body, { token })).status]).toEqual([passed, status])
  }
  clock.moveTo(0)
  expect((await own.api.post(body, { token: await serviceToken() })).status).toBe(201)
})
