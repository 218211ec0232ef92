import { request } from 'node:https'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SECURITY_HEADERS } from '../../src/protocol/security-headers.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { exchange, requestText } from './raw.js'

const TLS = {
  TLS_CERT: fileURLToPath(new URL('../tls/cert.pem', import.meta.url)),
  TLS_KEY: fileURLToPath(new URL('../tls/key.pem', import.meta.url)),
}

/** What an answer over TLS says of coming by TLS. */
const strictTransport = (url: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    request(`${url}/healthz`, { ca: readFileSync(TLS.TLS_CERT), agent: false }, (response) => {
      response.resume()
      response.once('end', () => resolve(response.headers['strict-transport-security']))
    })
      .once('error', reject)
      .end()
  })

let service: TestService
let development: TestService

beforeAll(async () => {
  service = await startService()
  development = await startService({ environment: { JWT_SECRET: '' } })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
  await development[Symbol.asyncDispose]()
})

/** Every header of ours that is not as it is for all answers. */
function missingFrom(headers: { get: (name: string) => string | null | undefined }): string[] {
  return Object.entries(SECURITY_HEADERS).flatMap(([name, value]) => {
    const given = headers.get(name)
    return given === value ? [] : [`${name}: ${given}`]
  })
}

test('are those that the OWASP REST Security Cheat Sheet names for answers that are no pages', () => {
  expect(SECURITY_HEADERS).toEqual({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
})

const ANSWERS: [string, string, number][] = [
  ['GET', '/healthz', 200],
  ['GET', '/readyz', 200],
  ['GET', '/openapi.yaml', 200],
  ['GET', '/nowhere', 404],
  ['GET', '/', 404],
  ['PATCH', '/v1/inbox', 405],
  ['OPTIONS', '/v1/inbox', 204],
  ['GET', '/v1/inbox/changes', 400],
  ['GET', '/v1/devices', 200],
  ['HEAD', '/v1/devices', 200],
  ['POST', '/v1/notifications', 403],
  ['GET', '/v1/socket', 426],
]

test.each(ANSWERS)('stand on the answer to %s %s (%i)', async (method, path, status) => {
  const token = await tokenFor('alice')
  const answer = await service.api.request(path, { method, token })
  await answer.arrayBuffer()
  expect([answer.status, missingFrom(answer.headers)]).toEqual([status, []])
  expect(answer.headers.get('strict-transport-security')).toBeNull()
})

test('stand on what is stored, and on what may not be asked from elsewhere', async () => {
  const body = { to: { user: 'bob' }, type: 'test' }
  const stored = await service.api.post(body, { token: await serviceToken() })
  await stored.arrayBuffer()
  expect([stored.status, missingFrom(stored.headers)]).toEqual([201, []])
  const elsewhere = await exchange(
    development.url,
    requestText('GET /healthz', { host: 'evil.example' }),
  )
  expect([elsewhere.status, missingFrom(elsewhere.headers)]).toEqual([403, []])
})

test.each([
  ['what is no HTTP', 'nonsense\r\n\r\n', 400],
  [
    'a path that is none',
    'GET http://[/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    400,
  ],
  ['a host that is none', requestText('GET /healthz', { host: 'a b' }), 400],
  ['too long a head', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  [
    'a handshake that is refused',
    requestText('GET /v1/socket', {
      host: 'localhost',
      connection: 'upgrade',
      upgrade: 'websocket',
    }),
    400,
  ],
  ['an expectation', requestText('GET /healthz', { host: 'localhost', expect: 'tea' }), 200],
  [
    'an upgrade to what is no WebSocket',
    requestText('GET /healthz', {
      host: 'localhost',
      upgrade: 'h2c',
      connection: 'upgrade, close',
    }),
    200,
  ],
])('stand on the answer to %s', async (_name, text, status) => {
  const answer = await exchange(service.url, text)
  expect([answer.status, missingFrom(answer.headers)]).toEqual([status, []])
})

test('stand on what the port of operators answers', async () => {
  await using service = await startService({ environment: { OPS_PORT: '0' } })
  for (const [path, status] of [
    ['/healthz', 200],
    ['/metrics', 200],
    ['/nowhere', 404],
  ] as const) {
    const answer = await fetch(`${service.opsUrl}${path}`)
    await answer.arrayBuffer()
    expect([answer.status, missingFrom(answer.headers)]).toEqual([status, []])
  }
  const broken = await exchange(service.opsUrl ?? '', 'nonsense\r\n\r\n')
  expect([broken.status, missingFrom(broken.headers)]).toEqual([400, []])
})

describe('what a route says itself stands in their place:', () => {
  test('an inbox is kept by its reader alone, who asks again', async () => {
    for (const path of ['/v1/inbox', '/v1/inbox/counts']) {
      const answer = await service.api.request(path, { token: await tokenFor('alice') })
      await answer.arrayBuffer()
      expect(missingFrom(answer.headers)).toEqual(['cache-control: private, no-cache'])
      const known = { 'if-none-match': answer.headers.get('etag') ?? '' }
      const again = await service.api.request(path, {
        token: await tokenFor('alice'),
        headers: known,
      })
      expect(again.status).toBe(304)
      expect(missingFrom(again.headers)).toEqual(['cache-control: private, no-cache'])
    }
  })

  test('a page has a policy of its own', async () => {
    const answer = await development.api.request('/')
    await answer.arrayBuffer()
    expect(missingFrom(answer.headers).map((line) => line.split(':')[0])).toEqual([
      'cache-control',
      'content-security-policy',
    ])
  })
})

describe('over TLS of its own', () => {
  test('browsers are told to come by nothing else (RFC 6797 §7.1)', async () => {
    await using secure = await startService({ environment: TLS })
    expect(await strictTransport(secure.url)).toBe('max-age=31536000')
  })

  test('they are not told so of the localhost of a developer, which is not ours alone', async () => {
    await using secure = await startService({ environment: { ...TLS, JWT_SECRET: '' } })
    expect(await strictTransport(secure.url)).toBeUndefined()
  })
})
