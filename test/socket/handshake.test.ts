import { request as httpRequest, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { Problem } from '../../src/protocol/problem.js'
import { TestClient, type ConnectOptions } from '../client.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'

let service: TestService

beforeAll(async () => {
  service = await startService({
    environment: { PUBLIC_URL: 'https://notify.example', ALLOWED_ORIGINS: 'https://app.example' },
  })
})
afterAll(async () => service[Symbol.asyncDispose]())

interface Refusal {
  status: number
  headers: IncomingMessage['headers']
  problem: Problem
}

/** The HTTP answer to a handshake that is refused; fails where it is taken. */
function refusal(
  path: string,
  headers: Record<string, string> = {},
  url = service.url,
): Promise<Refusal> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(new URL(path, url), {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers,
      },
    })
    asked.on('upgrade', (_response, socket) => {
      socket.destroy()
      reject(new Error('the handshake was taken'))
    })
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => {
        const problem = Problem.parse(JSON.parse(text))
        resolve({ status: response.statusCode ?? 0, headers: response.headers, problem })
      })
    })
    asked.end()
  })
}

function connect(options: ConnectOptions): Promise<TestClient> {
  return TestClient.connect(service.url, { device: 'phone', ...options })
}

test.each(['header', 'subprotocol', 'first-message'] as const)(
  'takes a token by %s, and names our subprotocol alone',
  async (credential) => {
    await using client = await connect({ token: await tokenFor('alice'), credential })
    await client.first('caught_up')
    expect(client.socket.protocol).toBe('posthorn.v1')
    expect((await client.first('welcome')).payload).toMatchObject({
      user: 'alice',
      device: 'phone',
    })
  },
)

test('takes a client that offers no subprotocol', async () => {
  const address = new URL('/v1/socket?device=phone', service.url.replace('http', 'ws'))
  const socket = new WebSocket(address, {
    headers: { authorization: `Bearer ${await tokenFor('alice')}` },
  })
  const text = await new Promise<string>((resolve) => {
    socket.once('message', (data: Buffer) => resolve(data.toString()))
  })
  expect(JSON.parse(text)).toMatchObject({ type: 'welcome' })
  expect(socket.protocol).toBe('')
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.terminate()
  await closed
})

test('refuses a client that offers other subprotocols only', async () => {
  const answer = await refusal('/v1/socket?device=phone', {
    'sec-websocket-protocol': 'graphql-ws, mqtt',
  })
  expect(answer).toMatchObject({ status: 400, problem: { code: 'unsupported_subprotocol' } })
})

test.each([
  ['Bearer not.a.token', 'invalid_token', 'Bearer realm="posthorn", error="invalid_token"'],
  ['Bearer', 'invalid_token', 'Bearer realm="posthorn", error="invalid_token"'],
  ['Basic YWxpY2U6c2VjcmV0', 'missing_token', 'Bearer realm="posthorn"'],
])('refuses the header %s with 401 and a challenge', async (authorization, code, challenge) => {
  const { status, headers, problem } = await refusal('/v1/socket?device=phone', { authorization })
  expect({ status, code: problem.code }).toEqual({ status: 401, code })
  expect(headers['www-authenticate']).toBe(challenge)
  expect(headers['x-request-id']).toBe(problem.requestId)
})

test('refuses a service, which has no inbox', async () => {
  const authorization = `Bearer ${await serviceToken()}`
  const answer = await refusal('/v1/socket?device=phone', { authorization })
  expect(answer).toMatchObject({ status: 403, problem: { code: 'insufficient_scope' } })
})

test('tells of a bad subprotocol token after the handshake, by an error and 4401', async () => {
  await using client = await connect({ token: 'not.a.token', credential: 'subprotocol' })
  expect(await client.closed).toEqual({ code: 4401, reason: 'invalid_token' })
  expect(client.all('error')[0]?.payload.code).toBe('invalid_token')
})

test('takes the token in one way only', async () => {
  const token = await tokenFor('alice')
  const answer = await refusal('/v1/socket?device=phone', {
    authorization: `Bearer ${token}`,
    'sec-websocket-protocol': `posthorn.v1, bearer.${token}`,
  })
  expect(answer).toMatchObject({ status: 400, problem: { code: 'multiple_credentials' } })
})

test('takes a token in the URL only where that is allowed', async () => {
  const token = await tokenFor('alice')
  const answer = await refusal(`/v1/socket?device=phone&access_token=${token}`)
  expect(answer).toMatchObject({ status: 401, problem: { code: 'missing_token' } })
  expect(JSON.stringify(answer)).not.toContain(token)

  await using allowing = await startService({ environment: { ALLOW_QUERY_TOKEN: 'true' } })
  await using client = await TestClient.connect(allowing.url, {
    credential: 'none',
    device: 'phone',
    query: { access_token: token },
  })
  await client.first('welcome')
})

test.each([
  [{ cursor: '1' }, 'epoch_required'],
  [{ batch: 'yes' }, 'invalid_query'],
])(
  'tells a page after the handshake what is wrong with %j: an error and 4400',
  async (query, code) => {
    await using client = await connect({
      token: await tokenFor('alice'),
      credential: 'subprotocol',
      query,
    })
    expect(await client.closed).toEqual({ code: 4400, reason: code })
    expect(client.all('error')[0]?.payload.code).toBe(code)
  },
)

test.each([
  ['/v1/socket', 400, 'device_required'],
  ['/v1/socket?device=a/b', 400, 'invalid_query'],
  ['/v1/socket?device=a&device=b', 400, 'invalid_query'],
  ['/v1/socket?device=phone&cursor=1', 400, 'epoch_required'],
  ['/v1/socket?device=phone&cursor=-1&epoch=x', 400, 'invalid_query'],
  ['/v1/socket?device=phone&cursor=99999999999999999999&epoch=x', 400, 'invalid_query'],
  ['/v1/socket?device=phone&batch=yes', 400, 'invalid_query'],
  ['/v1/elsewhere', 404, 'not_found'],
])('refuses %s: %i %s', async (path, status, code) => {
  const authorization = `Bearer ${await tokenFor('alice')}`
  expect(await refusal(path, { authorization })).toMatchObject({ status, problem: { code } })
})

test('lets unknown names in the query by', async () => {
  await using client = await connect({ token: await tokenFor('alice'), query: { theme: 'dark' } })
  expect((await client.first('welcome')).payload.user).toBe('alice')
})

test('holds a device token to its device', async () => {
  const token = await tokenFor('alice', { device: 'tablet' })
  const answer = await refusal('/v1/socket?device=phone', { authorization: `Bearer ${token}` })
  expect(answer).toMatchObject({ status: 403, problem: { code: 'device_not_allowed' } })
  await using client = await connect({ token, device: undefined })
  expect((await client.first('welcome')).payload.device).toBe('tablet')
})

test.each(['https://notify.example', 'https://app.example'])(
  'lets pages of %s connect',
  async (origin) => {
    await using client = await connect({ token: await tokenFor('alice'), headers: { origin } })
    expect((await client.first('welcome')).payload.user).toBe('alice')
  },
)

test.each(['https://evil.example', 'http://notify.example', 'null', 'https://app.example.evil'])(
  'refuses pages of %s',
  async (origin) => {
    const authorization = `Bearer ${await tokenFor('alice')}`
    const answer = await refusal('/v1/socket?device=phone', { authorization, origin })
    expect(answer).toMatchObject({ status: 403, problem: { code: 'origin_not_allowed' } })
  },
)

test('in development serves loopback names and the loopback origin alone', async () => {
  await using development = await startService({ environment: { JWT_SECRET: '' } })
  const { port } = new URL(development.url)
  const asked = (headers: Record<string, string>) =>
    refusal('/v1/socket?device=phone', headers, development.url)
  expect(await asked({ host: `evil.example:${port}` })).toMatchObject({
    status: 403,
    problem: { code: 'host_not_allowed' },
  })
  for (const origin of ['http://evil.example', 'http://localhost:1', `https://localhost:${port}`]) {
    expect(await asked({ origin })).toMatchObject({ problem: { code: 'origin_not_allowed' } })
  }
  // Past both checks, it is the token that is missed.
  const origin = `http://localhost:${port}`
  expect(await asked({ origin, authorization: 'Bearer x' })).toMatchObject({ status: 401 })
})

test.each([
  ['sec-websocket-version', '12'],
  ['sec-websocket-key', 'short'],
])('refuses a handshake whose %s is %s by a problem', async (name, value) => {
  const authorization = `Bearer ${await tokenFor('alice')}`
  const answer = await refusal('/v1/socket?device=phone', { authorization, [name]: value })
  expect(answer).toMatchObject({ status: 400, problem: { code: 'invalid_handshake' } })
})

test('closes 1009 over 16 KiB and 1003 on binary frames', async () => {
  const token = await tokenFor('alice')
  await using large = await connect({ token })
  await large.first('welcome')
  large.socket.send('x'.repeat(16 * 1024 + 1))
  expect((await large.closed).code).toBe(1009)

  await using binary = await connect({ token })
  await binary.first('welcome')
  binary.socket.send(Buffer.from('{"type":"ping"}'))
  expect((await binary.closed).code).toBe(1003)
})

test('ends a connection whose first message brings no token in time with 4408', async () => {
  await using impatient = await startService({ limits: { authenticationMs: 100 } })
  await using client = await TestClient.connect(impatient.url, {
    credential: 'none',
    device: 'phone',
  })
  expect(await client.closed).toEqual({ code: 4408, reason: 'authentication_timeout' })
})
