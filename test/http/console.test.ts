import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageRoutes } from '../../src/http/console-page.js'
import { ConsoleSettings } from '../../src/protocol/console.js'
import { VERSION } from '../../src/protocol/version.js'
import { startService, temporaryFolder, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

const DEVELOPMENT = { JWT_SECRET: '' }

let development: TestService
let production: TestService

beforeAll(async () => {
  development = await startService({ environment: DEVELOPMENT })
  production = await startService({ environment: { CONSOLE: 'true' } })
})
afterAll(async () => {
  await development[Symbol.asyncDispose]()
  await production[Symbol.asyncDispose]()
})

const PAGE: [string, string, RegExp][] = [
  ['/', 'text/html; charset=utf-8', /<script type="module" src="\/console\/page\.js">/],
  ['/console/page.js', 'text/javascript; charset=utf-8', /./],
  ['/console/page.css', 'text/css; charset=utf-8', /./],
]

const ALL: [string, string][] = [
  ...PAGE.map(([path]): [string, string] => ['GET', path]),
  ['GET', '/console/settings'],
  ['POST', '/console/tokens'],
  ['GET', '/console/traffic'],
]

describe.each(PAGE)('%s', (path, type, text) => {
  test('is served, with all that keeps others out of the page', async () => {
    for (const service of [development, production]) {
      const answer = await service.api.request(path)
      expect(answer.status).toBe(200)
      expect(await answer.text()).toMatch(text)
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': type,
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
      const policy = answer.headers.get('content-security-policy')?.split('; ')
      expect(policy).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        'trusted-types lit-html',
      ])
      const origin = 'https://app.example'
      const asked = await service.api.request(path, { headers: { origin } })
      await asked.arrayBuffer()
      expect(asked.headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('answers HEAD, and 304 to whoever has it', async () => {
    const whole = await development.api.request(path)
    await whole.arrayBuffer()
    const head = await development.api.request(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
    const tag = head.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[\w-]{43}"$/)
    expect(whole.headers.get('etag')).toBe(tag)
    const again = await development.api.request(path, { headers: { 'if-none-match': tag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    for (const name of ['etag', 'cache-control', 'content-security-policy', 'x-request-id']) {
      expect([name, again.headers.has(name)]).toEqual([name, true])
    }
  })

  test('takes no other method', async () => {
    const answer = await development.api.request(path, { method: 'POST', body: {} })
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
    expect(await shortOf(answer)).toBe('405 method_not_allowed')
  })
})

test.each([
  ['in development, where CONSOLE=false', { ...DEVELOPMENT, CONSOLE: 'false' }],
  ['with keys of its own', {}],
])('is not there %s', async (_where, environment) => {
  await using service = await startService({ environment })
  for (const [method, path] of ALL) {
    const answer = await service.api.request(path, { method })
    expect([path, await shortOf(answer)]).toEqual([path, '404 not_found'])
  }
})

test('tells its page whether tokens are for the asking', async () => {
  for (const service of [development, production]) {
    const answer = await service.api.request('/console/settings')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(ConsoleSettings.parse(await answer.json())).toEqual({
      version: VERSION,
      development: service === development,
      mayConnect: true,
    })
    expect(await shortOf(await service.api.request('/console/settings?x=1'))).toBe(
      '400 invalid_query /x:unknown_field',
    )
  }
})

test('tells its page whether it may open sockets', async () => {
  const url = 'https://notify.example'
  const environment = { CONSOLE: 'true', PUBLIC_URL: url, ALLOWED_ORIGINS: 'https://app.example' }
  await using service = await startService({ environment })
  for (const [origin, mayConnect] of [
    [url, true],
    ['https://app.example', true],
    [new URL(service.url).origin, false],
    ['https://other.example', false],
  ] as const) {
    const query = new URLSearchParams({ origin })
    const answer = await service.api.request(`/console/settings?${query.toString()}`)
    const settings = ConsoleSettings.parse(await answer.json())
    expect([origin, settings.mayConnect]).toEqual([origin, mayConnect])
  }
})

test('is not started without its page, and the reason says what to do', () => {
  using folder = temporaryFolder()
  const empty = new URL(`file://${folder.path}/`)
  expect(() => pageRoutes(empty)).toThrow(/^the console is not built: run `npm run build`, or set/)
  expect(() => pageRoutes(empty)).toThrow(/page\.html/)
})
