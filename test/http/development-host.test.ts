import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startService, type TestService } from '../harness.js'
import { problemOfRaw } from './problem-of.js'
import { exchange, requestText } from './raw.js'

let development: TestService
let production: TestService

beforeAll(async () => {
  development = await startService({ environment: { JWT_SECRET: '' } })
  production = await startService()
})
afterAll(async () => {
  await development[Symbol.asyncDispose]()
  await production[Symbol.asyncDispose]()
})

const ask = ({ url }: TestService, path: string, host: string) =>
  exchange(url, requestText(`GET ${path}`, { host }))

const EVIL = [
  'evil.example',
  'evil.example:8080',
  '127.0.0.1.evil.example',
  'localhost.evil.example:8080',
  'localhost.',
  '0.0.0.0',
  '192.168.0.1',
  '127.1',
  '[::]',
]
const PATHS = ['/healthz', '/openapi.yaml', '/v1/inbox', '/nowhere', '/v1/socket']

describe('in development', () => {
  test.each(EVIL)('no path answers to the Host %s', async (host) => {
    for (const path of PATHS) {
      const problem = problemOfRaw(await ask(development, path, host))
      expect(problem).toMatchObject({ status: 403, code: 'host_not_allowed' })
    }
  })

  test.each(['a@127.0.0.1', '127.0.0.1@evil.example', '127.0.0.1/', '127.0.0.1?', 'a b', ''])(
    'no path answers to the Host %j, which is none',
    async (host) => {
      for (const path of PATHS) {
        expect([400, 403]).toContain((await ask(development, path, host)).status)
      }
    },
  )

  test.each(['localhost', 'LOCALHOST:1', '127.0.0.1', '127.0.0.1:8080', '[::1]', '[::1]:8080'])(
    'a loopback name is answered: %s',
    async (host) => {
      expect((await ask(development, '/healthz', host)).status).toBe(200)
      expect((await ask(development, '/v1/inbox', host)).status).toBe(401)
    },
  )

  test('a request line with a host of its own is held to its Host header all the same', async () => {
    const line = 'GET http://127.0.0.1/healthz'
    const answer = await exchange(development.url, requestText(line, { host: 'evil.example' }))
    expect(answer.status).toBe(403)
  })

  test('a request line that names another host is refused, whatever the Host header says', async () => {
    for (const path of PATHS) {
      const line = `GET http://evil.example${path}`
      const answer = await exchange(development.url, requestText(line, { host: 'localhost' }))
      expect(problemOfRaw(answer)).toMatchObject({ status: 403, code: 'host_not_allowed' })
    }
    const own = await exchange(
      development.url,
      requestText('GET http://localhost/healthz', { host: 'localhost' }),
    )
    expect(own.status).toBe(200)
  })
})

test('in production every Host is answered: a proxy may name the service as it likes', async () => {
  for (const host of EVIL) expect((await ask(production, '/healthz', host)).status).toBe(200)
})

test.each([
  ['localhost', 'localhost'],
  ['evil.example', 'localhost'],
  ['localhost', 'evil.example'],
])(
  'two Host headers are refused, in production too (RFC 9112 §3.2): %s and %s',
  async (...hosts) => {
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    for (const { url } of [development, production]) {
      for (const headers of [{}, { ...upgrade, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' }]) {
        const text = requestText('GET /v1/socket', headers)
        const [line = '', ...rest] = text.split('\r\n')
        const request = [line, ...hosts.map((host) => `Host: ${host}`), ...rest].join('\r\n')
        const problem = problemOfRaw(await exchange(url, request))
        expect(problem).toMatchObject({ status: 400, code: 'malformed_request' })
      }
    }
  },
)

test('a handshake without a host is refused', async () => {
  const headers = { connection: 'upgrade', upgrade: 'websocket' }
  const answer = await exchange(production.url, requestText('GET /v1/socket', headers))
  expect(problemOfRaw(answer)).toMatchObject({ status: 400, code: 'malformed_request' })
})
