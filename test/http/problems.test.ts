import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InboxCounts } from '../../src/protocol/inbox.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { problemOf, problemOfRaw } from './problem-of.js'
import { exchange, parseAnswer, dial, requestText } from './raw.js'

const ID = '01890a5d-ac96-774b-bcce-b302099a8057'
const GENERATED = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const idOf = async (path: string, id?: string): Promise<string | null> => {
  const headers = id === undefined ? {} : { 'x-request-id': id }
  const response = await service.api.request(path, { headers })
  // A body that nobody reads holds its connection.
  await response.arrayBuffer()
  return response.headers.get('x-request-id')
}

describe('a request id', () => {
  test.each(['/healthz', '/openapi.yaml', '/v1/inbox', '/nowhere'])(
    'comes with every answer: %s',
    async (path) => {
      const ids = [await idOf(path), await idOf(path)]
      expect(ids[0]).toMatch(GENERATED)
      expect(ids[1]).not.toBe(ids[0])
    },
  )

  test.each(['/v1/inbox', '/v1/inbox/counts', '/v1/inbox/changes?epoch='])(
    'comes with what a user reads: %s',
    async (path) => {
      const token = await tokenFor('alice')
      const counts = await service.api.request('/v1/inbox/counts', { token })
      const { epoch } = InboxCounts.parse(await counts.json())
      const asked = path.replace('epoch=', `epoch=${epoch}`)
      const response = await service.api.request(asked, { token })
      expect(response.status).toBe(200)
      expect(response.headers.get('x-request-id')).toMatch(GENERATED)
      await response.arrayBuffer()
    },
  )

  test.each(['a', 'abc-123_DEF=', 'x'.repeat(64)])(
    'is the caller’s where it is harmless: %s',
    async (id) => {
      expect(await idOf('/healthz', id)).toBe(id)
      expect(await idOf('/v1/inbox', id)).toBe(id)
      const problem = await problemOf(
        await service.api.request('/v1/inbox', { headers: { 'x-request-id': id } }),
      )
      expect(problem.requestId).toBe(id)
    },
  )

  test.each(['', 'x'.repeat(65), 'a b', '<script>', '"', 'a,b', 'a;b', '\u00e9', '{}', 'a\tb'])(
    'is another where the caller’s is not: %j',
    async (id) => {
      expect(await idOf('/healthz', id)).toMatch(GENERATED)
    },
  )
})

test.each(['/nowhere', '/v1', '/v1/', '/v2/inbox', '/V1/inbox', '/v1/notifications/x/y/z'])(
  'answers 404 for %s, where there is nothing',
  async (path) => {
    const response = await service.api.request(path, { token: await serviceToken() })
    expect(await problemOf(response)).toMatchObject({ status: 404, code: 'not_found' })
  },
)

test.each([
  ['/healthz', 'POST', 'GET, HEAD'],
  ['/readyz', 'DELETE', 'GET, HEAD'],
  ['/openapi.yaml', 'PUT', 'GET, HEAD'],
  ['/v1/socket', 'POST', 'GET, HEAD'],
  ['/v1/inbox', 'POST', 'GET, HEAD'],
  ['/v1/inbox', 'DELETE', 'GET, HEAD'],
  ['/v1/inbox/counts', 'PUT', 'GET, HEAD'],
  ['/v1/inbox/counts', 'POST', 'GET, HEAD'],
  ['/v1/inbox/changes', 'POST', 'GET, HEAD'],
  ['/v1/inbox/mark', 'GET', 'POST'],
  ['/v1/inbox/mark', 'DELETE', 'POST'],
  ['/v1/inbox/ack', 'GET', 'POST'],
  ['/v1/inbox/ack', 'PUT', 'POST'],
  [`/v1/inbox/${ID}`, 'DELETE', 'GET, HEAD'],
  ['/v1/users/alice/inbox', 'POST', 'GET, HEAD'],
  ['/v1/users/alice/inbox/counts', 'PUT', 'GET, HEAD'],
  ['/v1/users/alice/inbox/mark', 'GET', 'POST'],
  ['/v1/notifications', 'GET', 'POST'],
  ['/v1/notifications', 'PATCH', 'POST'],
  ['/v1/notifications', 'OPTIONS', 'POST'],
  [`/v1/notifications/${ID}`, 'POST', 'DELETE, GET, HEAD'],
  [`/v1/notifications/${ID}/deliveries`, 'DELETE', 'GET, HEAD'],
])('answers 405 where %s does not take %s, and says what it takes', async (path, method, allow) => {
  const token = await serviceToken()
  const response = await service.api.request(path, { method, token })
  expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual(allow.split(', '))
  expect(await problemOf(response)).toMatchObject({ status: 405, code: 'method_not_allowed' })
})

test.each(['/healthz', '/readyz', '/openapi.yaml', '/v1/inbox', '/v1/inbox/counts'])(
  'answers HEAD %s as GET, without the body',
  async (path) => {
    const token = await tokenFor('alice')
    const [head, get] = await Promise.all(
      ['HEAD', 'GET'].map((method) => service.api.request(path, { method, token })),
    )
    expect(head?.status).toBe(200)
    expect(head?.headers.get('content-type')).toBe(get?.headers.get('content-type'))
    expect(await head?.text()).toBe('')
    expect(await get?.text()).not.toBe('')
  },
)

test('answers HEAD with an error as an error without a body, on a connection that goes on', async () => {
  const { socket, ended } = dial(service.url)
  socket.write('HEAD /v1/inbox HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  socket.write(requestText('GET /healthz', { host: '127.0.0.1' }))
  const text = await ended
  const second = text.indexOf('HTTP/1.1', 1)
  expect(parseAnswer(text.slice(0, second))).toMatchObject({ status: 401, body: '' })
  expect(parseAnswer(text.slice(second))).toMatchObject({ status: 200, body: '{"status":"ok"}' })
})

test('answers 426 where the socket’s path is asked without an upgrade', async () => {
  const response = await service.api.request('/v1/socket?device=phone')
  expect(response.headers.get('upgrade')).toBe('websocket')
  expect(await problemOf(response)).toMatchObject({ status: 426, code: 'upgrade_required' })
})

describe('what the HTTP library would answer by itself is a problem too', () => {
  test.each([
    ['a Host with a user in it', requestText('GET /healthz', { host: 'a@127.0.0.1' })],
    ['a Host that is no name', requestText('GET /healthz', { host: 'a b' })],
    ['a path with a backslash', requestText('GET /v1\\inbox', { host: '127.0.0.1' })],
    ['a path that is none', requestText('OPTIONS *', { host: '127.0.0.1' })],
    ['no Host, by HTTP/1.0', 'GET /healthz HTTP/1.0\r\n\r\n'],
    ['no Host', requestText('GET /healthz')],
  ])('%s', async (_name, request) => {
    const problem = problemOfRaw(await exchange(service.url, request))
    expect(problem.status).toBeGreaterThanOrEqual(400)
    expect(problem.status).toBeLessThan(500)
  })
})

describe('an offer to upgrade to what is no WebSocket is passed over (RFC 9110 §7.8)', () => {
  // Java's HttpClient sends these with every first request to a service without TLS, curl with --http2.
  const h2c = {
    host: '127.0.0.1',
    connection: 'close, Upgrade, HTTP2-Settings',
    upgrade: 'h2c',
    'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
  }

  test('for a GET', async () => {
    const answer = await exchange(service.url, requestText('GET /healthz', h2c))
    expect([answer.status, answer.body]).toEqual([200, '{"status":"ok"}'])
    // What else `Connection` says still counts: RFC 9112 §9.6.
    expect(answer.headers.get('connection')).toBe('close')
  })

  test('for a POST with a body', async () => {
    const body = JSON.stringify({ to: { user: 'java' }, type: 'test' })
    const headers = {
      ...h2c,
      authorization: `Bearer ${await serviceToken()}`,
      'content-length': String(body.length),
    }
    const answer = await exchange(service.url, requestText('POST /v1/notifications', headers, body))
    expect(answer.status).toBe(201)
  })
})
