import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../client.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { refusedHandshake } from './refused-handshake.js'

const PATH = '/v1/socket?device=phone'

let service: TestService

beforeAll(async () => {
  service = await startService({
    environment: {
      PUBLIC_URL: 'https://notify.example/behind/a/path',
      ALLOWED_ORIGINS: 'https://app.example, https://admin.example:8443',
    },
  })
})
afterAll(async () => service[Symbol.asyncDispose]())

test.each(['https://notify.example', 'https://app.example', 'https://admin.example:8443'])(
  'lets pages of %s connect',
  async (origin) => {
    await using client = await service.api.connect('alice', { headers: { origin } })
    expect((await client.first('welcome')).payload.user).toBe('alice')
  },
)

test('lets whoever sends no origin connect, who is no browser', async () => {
  await using client = await service.api.connect('alice')
  expect((await client.first('welcome')).payload.user).toBe('alice')
})

const STRANGERS = [
  'https://evil.example',
  'http://notify.example',
  'https://notify.example:8443',
  'https://admin.example',
  'https://app.example.evil',
  'https://sub.app.example',
  'null',
  '',
]

test.each(STRANGERS)('refuses pages of %j', async (origin) => {
  const authorization = `Bearer ${await tokenFor('alice')}`
  const answer = await refusedHandshake(service.url, PATH, { authorization, origin })
  expect(answer).toMatchObject({ status: 403, problem: { code: 'origin_not_allowed' } })
})

test('refuses the loopback origin outside development', async () => {
  const { port } = new URL(service.url)
  const origin = `http://localhost:${port}`
  const answer = await refusedHandshake(service.url, PATH, { origin })
  expect(answer).toMatchObject({ status: 403, problem: { code: 'origin_not_allowed' } })
})

test('looks at the origin before the token, however the token comes', async () => {
  const origin = 'https://evil.example'
  const asked = [
    {},
    { authorization: 'Bearer not.a.token' },
    { 'sec-websocket-protocol': 'posthorn.v1, bearer.not.a.token' },
  ]
  for (const headers of asked) {
    const answer = await refusedHandshake(service.url, PATH, { ...headers, origin })
    expect(answer).toMatchObject({ status: 403, problem: { code: 'origin_not_allowed' } })
  }
})

describe('in development', () => {
  let development: TestService
  let port: string

  beforeAll(async () => {
    development = await startService({ environment: { JWT_SECRET: '' } })
    ;({ port } = new URL(development.url))
  })
  afterAll(async () => development[Symbol.asyncDispose]())

  test('only loopback names of the host are served', async () => {
    for (const host of [`evil.example:${port}`, 'evil.example', `127.0.0.1.evil.example:${port}`]) {
      const answer = await refusedHandshake(development.url, PATH, { host })
      expect(answer).toMatchObject({ status: 403, problem: { code: 'host_not_allowed' } })
    }
  })

  test('the loopback origin, under each of its names, is let in, and no other', async () => {
    const strangers = ['http://evil.example', 'http://localhost:1', `https://localhost:${port}`]
    for (const origin of strangers) {
      const answer = await refusedHandshake(development.url, PATH, { origin })
      expect(answer).toMatchObject({ status: 403, problem: { code: 'origin_not_allowed' } })
    }
    for (const name of ['localhost', '127.0.0.1', '[::1]']) {
      // Past the origin, it is the token that is missed.
      await using client = await TestClient.connect(development.url, {
        token: 'not.a.token',
        credential: 'subprotocol',
        headers: { origin: `http://${name}:${port}` },
      })
      expect((await client.closed).code).toBe(4401)
    }
  })
})
