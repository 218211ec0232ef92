import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ConsoleToken } from '../../src/protocol/console.js'
import { startService, temporaryFolder, type TestService } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { problemOfRaw, shortOf } from './problem-of.js'
import { exchange, requestText } from './raw.js'

let service: TestService

beforeAll(async () => {
  service = await startService({
    environment: { JWT_SECRET: '', ALLOWED_ORIGINS: 'https://app.example' },
  })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/** As Chromium sends it for the page at this origin. */
const pageOf = (origin: string): Record<string, string> => ({
  origin,
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/json',
})

const own = (): Record<string, string> => pageOf(service.url)

const ask = (body: unknown, headers: Record<string, string> = own()): Promise<Response> =>
  service.api.request('/console/tokens', { method: 'POST', body, headers })

/** What the page is given for the asking. */
async function given(body: unknown, headers?: Record<string, string>): Promise<ConsoleToken> {
  const answer = await ask(body, headers)
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return ConsoleToken.parse(await answer.json())
}

describe('in development its page is given', () => {
  test('the token of any user, for an hour', async () => {
    const { token, expiresAt } = await given({ user: 'ann/bob 😀' })
    const { iat = 0, exp = 0, ...claims } = decodeJwt(token)
    expect(claims).toEqual({ sub: 'ann/bob 😀' })
    expect(exp - iat).toBe(3_600)
    expect(new Date(exp * 1000).toISOString()).toBe(expiresAt)
    expect((await service.api.request('/v1/inbox/counts', { token })).status).toBe(200)
  })

  test('the token of a service that may all that the page does, and no more', async () => {
    const { token } = await given({ service: true })
    expect(decodeJwt(token)).toMatchObject({
      sub: 'console',
      scope: 'posthorn:send posthorn:broadcast posthorn:read posthorn:users posthorn:topics',
    })
    const to = { everyone: true }
    const sent = await service.api.post({ to, type: 'test', title: 'to all' }, { token })
    expect([sent.status, await sent.text()]).toEqual([202, expect.stringContaining('fanning_out')])
  })

  test('it under whichever name of this machine it was opened, and by browsers that know no Fetch Metadata', async () => {
    const { port } = new URL(service.url)
    for (const host of ['localhost', '127.0.0.1', '[::1]']) {
      const { 'sec-fetch-site': _, ...headers } = pageOf(`http://${host}:${port}`)
      const type = { 'content-type': 'application/json; charset=utf-8' }
      expect((await given({ user: 'alice' }, { ...headers, ...type })).token).not.toBe('')
    }
  })
})

describe('nobody else is given one', () => {
  test.each<[string, () => Record<string, string>]>([
    ['a page of another site', () => pageOf('https://evil.example')],
    ['a page that may open a socket', () => pageOf('https://app.example')],
    ['a page of another port of this machine', () => pageOf('http://127.0.0.1:1')],
    ['a page of the same port by https', () => pageOf(service.url.replace('http:', 'https:'))],
    ['a page without an origin', () => pageOf('null')],
    ['whoever sends no origin', () => ({ 'content-type': 'application/json' })],
    [
      'a page of another site that says otherwise',
      () => ({ ...own(), 'sec-fetch-site': 'cross-site' }),
    ],
    ['a page of this machine by another name', () => ({ ...own(), 'sec-fetch-site': 'same-site' })],
    ['a person who types the address', () => ({ ...own(), 'sec-fetch-site': 'none' })],
    ['a form', () => ({ ...own(), 'content-type': 'text/plain' })],
    [
      'a form that looks like JSON',
      () => ({ ...own(), 'content-type': 'text/plain;application/json' }),
    ],
    ['whoever says nothing of the type', () => ({ ...own(), 'content-type': '' })],
  ])('%s', async (_who, headers) => {
    expect(await shortOf(await ask({ user: 'alice' }, headers()))).toBe('403 origin_not_allowed')
  })

  test('another site through a name that it points at this machine', async () => {
    const body = '{"user":"alice"}'
    const headers = {
      ...pageOf('http://evil.example'),
      host: 'evil.example',
      'content-length': String(body.length),
    }
    const request = requestText('POST /console/tokens', headers, body)
    const { status, code } = problemOfRaw(await exchange(service.url, request))
    expect([status, code]).toEqual([403, 'host_not_allowed'])
  })

  test('the browser of another site is told nothing by a preflight', async () => {
    const answer = await service.api.request('/console/tokens', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
    expect(await shortOf(answer)).toBe('405 method_not_allowed')
  })

  test('where the service is not in development there is nothing to ask', async () => {
    await using production = await startService({ environment: { CONSOLE: 'true' } })
    const answer = await production.api.request('/console/tokens', {
      method: 'POST',
      body: { user: 'alice' },
      headers: pageOf(production.url),
    })
    expect(await shortOf(answer)).toBe('404 not_found')
  })
})

describe('a body that is none is refused', () => {
  test.each<[unknown, RegExp]>([
    [{}, /^422 invalid_request \/(?:user|service):required/],
    [{ user: '' }, /^422 invalid_request \/user:invalid_value/],
    [{ user: 'a\nb' }, /^422 invalid_request \/user:invalid_value/],
    [{ user: 7 }, /^422 invalid_request \/user:invalid_type/],
    [{ service: false }, /^422 invalid_request \/service:/],
    [{ user: 'alice', scope: 'posthorn:send' }, /^422 invalid_request \/scope:unknown_field/],
    [{ user: 'alice', service: true }, /^422 invalid_request \/(?:user|service):unknown_field/],
    [[], /^422 invalid_request/],
    [null, /^422 invalid_request/],
  ])('%j', async (body, expected) => {
    expect(await shortOf(await ask(body))).toMatch(expected)
  })

  test('what is too long, what is no JSON, and a query', async () => {
    expect(await shortOf(await ask({ user: 'x'.repeat(5_000) }))).toBe('413 payload_too_large')
    const request = { method: 'POST', headers: pageOf(service.url) }
    const malformed = await fetch(`${service.url}/console/tokens`, { ...request, body: '{' })
    expect(await shortOf(malformed)).toBe('400 malformed_body')
    const asked = await service.api.request('/console/tokens?x=1', { ...request, body: {} })
    expect(await shortOf(asked)).toMatch(/^400 invalid_query/)
  })

  test('a service that the settings let nobody speak for', async () => {
    await using users = await startService({ environment: { JWT_SECRET: '', JWT_GRANTS: 'user' } })
    const asking = { method: 'POST', headers: pageOf(users.url) }
    const refused = await users.api.request('/console/tokens', {
      ...asking,
      body: { service: true },
    })
    expect(await shortOf(refused)).toBe('403 insufficient_scope')
    const taken = await users.api.request('/console/tokens', { ...asking, body: { user: 'alice' } })
    expect(taken.status).toBe(200)
    await taken.arrayBuffer()
  })
})

test('no token stands in a line of the log', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await using process = await ServiceProcess.start(path, { JWT_SECRET: '', LOG_LEVEL: 'trace' })
  const { api } = process
  const tokens: string[] = []
  for (const body of [{ user: 'alice' }, { service: true }]) {
    const headers = pageOf(api.url)
    const answer = await api.request('/console/tokens', { method: 'POST', body, headers })
    const { token } = ConsoleToken.parse(await answer.json())
    tokens.push(token)
    await (await api.request('/console/traffic', { token })).arrayBuffer()
  }
  process.signal('SIGTERM')
  await process.exited
  const log = `${JSON.stringify(process.log)}${process.errors}`
  expect(process.log.filter((line) => line['path'] === '/console/tokens')).toHaveLength(2)
  for (const token of tokens) {
    for (const part of token.split('.').slice(1)) expect(log).not.toContain(part)
  }
})
