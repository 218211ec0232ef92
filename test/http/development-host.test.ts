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

  test('two Host headers are refused', async () => {
    const request = 'GET /healthz HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n'
    const answer = await exchange(development.url, `${request}Connection: close\r\n\r\n`)
    expect([400, 403]).toContain(answer.status)
  })
})

test('in production every Host is answered: a proxy may name the service as it likes', async () => {
  for (const host of EVIL) expect((await ask(production, '/healthz', host)).status).toBe(200)
})
