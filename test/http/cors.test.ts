import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasChromium, openBrowser } from '../browser.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { problemOfRaw, shortOf } from './problem-of.js'
import { dial, parseAnswer, requestText } from './raw.js'

const APP = 'https://app.example'

let service: TestService

beforeAll(async () => {
  service = await startService({
    environment: {
      PUBLIC_URL: 'https://notify.example/behind/a/path',
      ALLOWED_ORIGINS: `${APP},https://admin.example:8443`,
    },
  })
  await service.api.sendMany('alice', 2)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const USERS_OWN = [
  '/v1/inbox',
  '/v1/inbox/counts',
  '/v1/inbox/mark',
  '/v1/inbox/ack',
  '/v1/inbox/changes',
  '/v1/inbox/01890a5d-ac96-774b-bcce-b302099a8057',
  '/v1/devices',
  '/v1/devices/phone',
]

type Asked = Parameters<TestService['api']['request']>[1]

/** An answer whose body has come, so that its connection is free. */
async function ask(path: string, asked: Asked, at = service): Promise<Response> {
  const answer = await at.api.request(path, asked)
  await answer.clone().arrayBuffer()
  return answer
}

const preflight = (path: string, origin: string, at = service): Promise<Response> =>
  ask(
    path,
    {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    },
    at,
  )

/** Of an answer, what a browser looks at before a page may read it. */
function corsOf({ headers }: Response): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name]) => name === 'vary' || name.startsWith('access-control-')),
  )
}

const READABLE = {
  'access-control-allow-origin': APP,
  'access-control-expose-headers': 'X-Request-Id,Retry-After,RateLimit,RateLimit-Policy,ETag',
  vary: 'Origin',
}

describe.each(USERS_OWN)('%s', (path) => {
  test('answers the preflight of an allowed page, without a token', async () => {
    const answer = await preflight(path, APP)
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(corsOf(answer)).toEqual({
      ...READABLE,
      'access-control-allow-methods': 'GET,HEAD,POST,DELETE',
      'access-control-allow-headers': 'Authorization,Content-Type,If-None-Match',
      'access-control-max-age': '7200',
      vary: 'Origin, Access-Control-Request-Headers',
    })
    expect(answer.headers.get('x-request-id')).not.toBeNull()
  })

  test('tells an allowed page what is wrong', async () => {
    const headers = { origin: APP }
    const nameless = await ask(path, { headers })
    expect(corsOf(nameless)).toEqual(READABLE)
    const answers: [string, Response][] = [
      ['401 missing_token', nameless],
      ['401 invalid_token', await ask(path, { headers, token: 'no.good.one' })],
      [
        '405 method_not_allowed',
        await ask(path, {
          method: 'PATCH',
          headers,
          token: await tokenFor('alice'),
        }),
      ],
    ]
    for (const [short, answer] of answers) {
      expect(corsOf(answer)).toEqual(READABLE)
      expect(await shortOf(answer)).toBe(short)
    }
  })
})

test.each(['https://notify.example', 'https://admin.example:8443'])(
  'a page of %s reads an answer by its own name',
  async (origin) => {
    const token = await tokenFor('alice')
    const answer = await ask('/v1/inbox', { token, headers: { origin } })
    expect(answer.status).toBe(200)
    expect(corsOf(answer)).toEqual({ ...READABLE, 'access-control-allow-origin': origin })
  },
)

test('a page reads what has not changed, and that it takes too much', async () => {
  const token = await tokenFor('alice')
  const headers = { origin: APP }
  const first = await ask('/v1/inbox', { token, headers })
  const known = { ...headers, 'if-none-match': first.headers.get('etag') ?? '' }
  const second = await ask('/v1/inbox', { token, headers: known })
  expect([second.status, corsOf(second)]).toEqual([304, READABLE])

  const body = { action: 'read', ids: 'x'.repeat(1024 * 1024) }
  const third = await ask('/v1/inbox/mark', {
    method: 'POST',
    token,
    headers,
    body,
  })
  expect([third.status, corsOf(third)]).toEqual([413, READABLE])
})

test.each([
  'https://evil.example',
  'http://app.example',
  'https://app.example:8443',
  'https://sub.app.example',
  'null',
  '*',
  '',
])('the browser of a page of %j is not told that it may read', async (origin) => {
  expect((await preflight('/v1/inbox', origin)).headers.get('access-control-allow-origin')).toBe(
    null,
  )
  const token = await tokenFor('alice')
  const answer = await ask('/v1/inbox', { token, headers: { origin } })
  expect(answer.status).toBe(200)
  const { 'access-control-allow-origin': _, ...rest } = READABLE
  expect(corsOf(answer)).toEqual(rest)
})

test('whoever sends no origin hears that the answer depends on it', async () => {
  const answer = await ask('/v1/inbox', { token: await tokenFor('alice') })
  expect(answer.headers.get('vary')).toBe('Origin')
  expect(answer.headers.get('access-control-allow-origin')).toBeNull()
})

test('what services and operators ask is no page’s to read', async () => {
  const token = await serviceToken('posthorn:send posthorn:users posthorn:topics')
  const asked: [string, string][] = [
    ['POST', '/v1/notifications'],
    ['GET', '/v1/users/alice/inbox'],
    ['GET', '/v1/users/alice/devices'],
    ['GET', '/v1/topics/news/subscribers'],
    ['GET', '/healthz'],
    ['GET', '/openapi.yaml'],
    ['GET', '/v1/socket'],
  ]
  for (const [method, path] of asked) {
    const answer = await ask(path, { method, token, headers: { origin: APP } })
    expect([path, corsOf(answer)]).toEqual([path, {}])
    const asking = await preflight(path, APP)
    expect([path, asking.ok, corsOf(asking)]).toEqual([path, false, {}])
  }
})

test('in development a page of the loopback origin may read, and of no other port', async () => {
  await using development = await startService({ environment: { JWT_SECRET: '' } })
  const { port } = new URL(development.url)
  for (const host of ['localhost', '127.0.0.1', '[::1]']) {
    const origin = `http://${host}:${port}`
    const answer = await preflight('/v1/inbox', origin, development)
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
  }
  const other = await preflight('/v1/inbox', `http://localhost:${Number(port) - 1}`, development)
  expect(other.headers.get('access-control-allow-origin')).toBeNull()
})

test('in development a page reads that the service is stopping', async () => {
  await using development = await startService({ environment: { JWT_SECRET: '' } })
  const { socket, ended } = dial(development.url)
  const request = requestText('GET /v1/inbox', {
    host: '127.0.0.1',
    origin: development.url,
  })
  await once(socket, 'connect')
  // The service has begun to read it when it begins to stop, and waits for its end.
  socket.write(request.slice(0, 20))
  await development.api.request('/healthz').then((answer) => answer.arrayBuffer())
  const stopped = development.close()
  socket.write(request.slice(20))
  const answer = parseAnswer(await ended)
  await stopped
  expect(problemOfRaw(answer)).toMatchObject({ status: 503, code: 'shutting_down' })
  expect(answer.headers.get('access-control-allow-origin')).toBe(development.url)
  expect(answer.headers.get('retry-after')).toBe('1')
})

/** What a page of `from`, a service of its own, makes of an answer of another service. */
async function readFrom(from: TestService, url: string, token: string): Promise<unknown> {
  await using chromium = await openBrowser()
  // Without the policy of the answer that stands for a page here, which lets it ask nobody.
  const page = await chromium.page({ bypassCSP: true })
  await page.goto(new URL('/healthz', from.url).href)
  return await page.evaluate(
    async ([url, authorization]) => {
      try {
        const answer = await fetch(url, { headers: { authorization } })
        return [answer.status, answer.headers.get('x-request-id') !== null]
      } catch (error) {
        return String(error)
      }
    },
    [url, `Bearer ${token}`] as const,
  )
}

describe.skipIf(!hasChromium)('a page in Chromium', () => {
  test('reads across origins where its own is allowed, and nowhere else', async () => {
    await using site = await startService()
    await using allowing = await startService({ environment: { ALLOWED_ORIGINS: site.url } })
    const token = await tokenFor('alice')
    expect(await readFrom(site, `${allowing.url}/v1/inbox`, token)).toEqual([200, true])
    expect(await readFrom(site, `${allowing.url}/v1/inbox`, 'bad')).toEqual([401, true])
    expect(await readFrom(site, `${service.url}/v1/inbox`, token)).toMatch(/Failed to fetch/)
  })
})
