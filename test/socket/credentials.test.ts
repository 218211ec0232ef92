import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient, type ConnectOptions } from '../client.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { problemOfRaw } from '../http/problem-of.js'
import { exchange } from '../http/raw.js'
import { refusedHandshake } from './refused-handshake.js'

const PATH = '/v1/socket?device=phone'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await tokenFor('alice')
})
afterAll(async () => service[Symbol.asyncDispose]())

function connect(options: ConnectOptions): Promise<TestClient> {
  return TestClient.connect(service.url, { device: 'phone', ...options })
}

test.each(['header', 'subprotocol', 'first-message'] as const)(
  'takes a token by %s, and names our subprotocol alone',
  async (credential) => {
    await using client = await connect({ token, credential })
    await client.first('caught_up')
    expect(client.socket.protocol).toBe('posthorn.v1')
    expect((await client.first('welcome')).payload).toMatchObject({
      user: 'alice',
      device: 'phone',
    })
  },
)

test('takes the entries of the subprotocol in any order', async () => {
  const protocols = [`bearer.${token}`, 'posthorn.v1']
  await using client = await connect({ credential: 'none', protocols })
  expect((await client.first('welcome')).payload.user).toBe('alice')
  expect(client.socket.protocol).toBe('posthorn.v1')
})

test.each([
  ['Bearer not.a.token', 'invalid_token', 'Bearer realm="posthorn", error="invalid_token"'],
  ['Bearer', 'invalid_token', 'Bearer realm="posthorn", error="invalid_token"'],
  ['Basic YWxpY2U6c2VjcmV0', 'missing_token', 'Bearer realm="posthorn"'],
])('refuses the header %s with 401 and a challenge', async (authorization, code, challenge) => {
  const { status, headers, problem } = await refusedHandshake(service.url, PATH, { authorization })
  expect({ status, code: problem.code }).toEqual({ status: 401, code })
  expect(headers['www-authenticate']).toBe(challenge)
  expect(headers['x-request-id']).toBe(problem.requestId)
})

test('tells of a bad subprotocol token after the handshake, by an error and 4401', async () => {
  await using client = await connect({ token: 'not.a.token', credential: 'subprotocol' })
  expect(await client.closed).toEqual({ code: 4401, reason: 'invalid_token' })
  expect(client.messages).toMatchObject([
    { type: 'error', payload: { code: 'invalid_token', retryable: false } },
  ])
})

test('tells of a bad first message by an error with its id and 4401', async () => {
  await using client = await connect({ credential: 'none' })
  client.send({ type: 'authenticate', id: 'a1', payload: { token: 'not.a.token' } })
  expect(await client.closed).toEqual({ code: 4401, reason: 'invalid_token' })
  expect(client.messages).toMatchObject([
    { type: 'error', id: 'a1', payload: { code: 'invalid_token' } },
  ])
})

test('answers the id of a first message after the welcome', async () => {
  const exp = Math.floor(Date.now() / 1000) + 600
  const short = await tokenFor('alice', { exp })
  await using client = await connect({ credential: 'none' })
  client.send({ type: 'authenticate', id: 'a1', payload: { token: short } })
  await client.first('caught_up')
  expect(client.messages.slice(0, 2)).toMatchObject([
    { type: 'welcome', payload: { tokenExpiresAt: new Date(exp * 1000).toISOString() } },
    { type: 'reply', id: 'a1', payload: { tokenExpiresAt: new Date(exp * 1000).toISOString() } },
  ])
})

test.each([
  { type: 'ping', id: 'a1' },
  { type: 'ack', id: 'a1', payload: { seq: 0 } },
  { type: 'mark', id: 'a1', payload: { action: 'read', upTo: 1 } },
  { type: 'subscribe', id: 'a1', payload: { topic: 'news' } },
])('asks for a token where the first message is %j: 4401', async (message) => {
  await using client = await connect({ credential: 'none' })
  client.send(message)
  expect(await client.closed).toEqual({ code: 4401, reason: 'missing_token' })
  expect(client.messages).toMatchObject([
    { type: 'error', id: 'a1', payload: { code: 'missing_token' } },
  ])
})

test('ends a connection whose first message brings no token in time with 4408', async () => {
  await using impatient = await startService({ limits: { authenticationMs: 100 } })
  await using client = await TestClient.connect(impatient.url, {
    credential: 'none',
    device: 'phone',
  })
  // What is no token does not buy time.
  client.send({ type: 'nonsense' })
  expect(await client.closed).toEqual({ code: 4408, reason: 'authentication_timeout' })
  expect(client.errors).toEqual(['unknown_type', 'authentication_timeout'])
  await using next = await impatient.api.connect('alice')
  await next.first('caught_up')
})

describe('a service, which has no inbox, is refused', () => {
  test('by the header: 403', async () => {
    const authorization = `Bearer ${await serviceToken()}`
    const { status, headers, problem } = await refusedHandshake(service.url, PATH, {
      authorization,
    })
    expect({ status, code: problem.code }).toEqual({ status: 403, code: 'insufficient_scope' })
    expect(headers['www-authenticate']).toBe('Bearer realm="posthorn", error="insufficient_scope"')
  })

  test.each(['subprotocol', 'first-message'] as const)('by %s: 4403', async (credential) => {
    await using client = await connect({ token: await serviceToken(), credential })
    expect(await client.closed).toEqual({ code: 4403, reason: 'insufficient_scope' })
    expect(client.errors).toEqual(['insufficient_scope'])
  })
})

test('takes the token in one way only', async () => {
  const authorization = `Bearer ${token}`
  const twice: [path: string, headers: Record<string, string>][] = [
    [PATH, { authorization, 'sec-websocket-protocol': `posthorn.v1, bearer.${token}` }],
    // Also where the second way is none that is taken.
    [`${PATH}&access_token=${token}`, { authorization }],
    [`${PATH}&access_token=${token}`, { 'sec-websocket-protocol': `posthorn.v1, bearer.${token}` }],
  ]
  for (const [path, headers] of twice) {
    const answer = await refusedHandshake(service.url, path, headers)
    expect(answer).toMatchObject({ status: 400, problem: { code: 'multiple_credentials' } })
  }
  // Of two headers with one name Node gives the first alone.
  const lines = [authorization, authorization].map((value) => `Authorization: ${value}`)
  const head = ['GET /v1/socket?device=phone HTTP/1.1', 'Host: localhost', ...lines]
  const upgrade = ['Connection: upgrade', 'Upgrade: websocket', '', '']
  const answer = await exchange(service.url, [...head, ...upgrade].join('\r\n'))
  expect(problemOfRaw(answer)).toMatchObject({ status: 400, code: 'multiple_credentials' })
})

test('tells a page that sends two tokens after the handshake: an error and 4400', async () => {
  const protocols = ['posthorn.v1', `bearer.${token}`, `bearer.${await tokenFor('bob')}`]
  await using client = await connect({ credential: 'none', protocols })
  expect(await client.closed).toEqual({ code: 4400, reason: 'multiple_credentials' })
  expect(client.errors).toEqual(['multiple_credentials'])
})

describe('a token in the URL', () => {
  test('is not taken unless that is allowed, and not sent back', async () => {
    const answer = await refusedHandshake(service.url, `${PATH}&access_token=${token}`)
    expect(answer).toMatchObject({ status: 401, problem: { code: 'missing_token' } })
    expect(JSON.stringify(answer)).not.toContain(token)
    // Beside a token that would do, too: whoever sends it there has it in the logs of proxies.
  })

  test('is taken where ALLOW_QUERY_TOKEN is true, and refused by the same rules', async () => {
    await using allowing = await startService({ environment: { ALLOW_QUERY_TOKEN: 'true' } })
    const query = { access_token: token }
    await using client = await TestClient.connect(allowing.url, {
      credential: 'none',
      device: 'phone',
      query,
    })
    expect((await client.first('welcome')).payload.user).toBe('alice')

    const bad = await refusedHandshake(allowing.url, `${PATH}&access_token=not.a.token`)
    expect(bad).toMatchObject({ status: 401, problem: { code: 'invalid_token' } })
    expect(bad.headers['www-authenticate']).toMatch(/error="invalid_token"/)
    const authorization = `Bearer ${token}`
    const twice = await refusedHandshake(allowing.url, `${PATH}&access_token=${token}`, {
      authorization,
    })
    expect(twice).toMatchObject({ status: 400, problem: { code: 'multiple_credentials' } })
    // REST takes it there in no case.
    expect((await fetch(`${allowing.url}/v1/inbox?access_token=${token}`)).status).toBe(401)
  })
})
