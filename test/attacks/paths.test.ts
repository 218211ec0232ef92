// What a path, a method or a target can be made to mean: OWASP ASVS 5 V4.1 and V5.3, CWE-22, CWE-601, RFC 9110 §9.3.8.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemOfRaw } from '../http/problem-of.js'
import { exchange, requestText, type RawAnswer } from '../http/raw.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'

let service: TestService
let user: string

beforeAll(async () => {
  service = await startService({ environment: { CONSOLE: 'true' } })
  user = await tokenFor('alice')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const ask = (
  line: string,
  headers: Record<string, string> = {},
  token = user,
): Promise<RawAnswer> => {
  const authorization = `Bearer ${token}`
  return exchange(service.url, requestText(line, { host: 'localhost', authorization, ...headers }))
}

describe('a path that climbs out of a page', () => {
  test.each([
    '/console/../package.json',
    '/console/../../../etc/passwd',
    '/console/%2e%2e/package.json',
    '/console/..%2fpackage.json',
    '/console/..%5cpackage.json',
    '/console/%252e%252e%252fpackage.json',
    '/console/%c0%ae%c0%ae/package.json',
    '/console/%u002e%u002e/package.json',
    '/console/....//package.json',
    '/console/;/../package.json',
    '/console/page.js%00.html',
    '/console/page.js%20',
    '/console/page.js/',
    '/console//page.js',
    '/console/page.html',
    '/console/',
    '/docs/../package.json',
    '/docs/%2e%2e/package.json',
    '/docs/..%2f..%2fpackage.json',
    '/docs/page.html',
    '/../dist/main.js',
    '//etc/passwd',
    '/data/posthorn.db',
    '/.env',
    '/.git/config',
  ])('%s gives no file', async (path) => {
    expect(problemOfRaw(await ask(`GET ${path}`))).toMatchObject({ status: 404 })
  })

  test.each(['/console/..\\package.json', '/\\evil.example'])('%s is no path', async (path) => {
    expect(problemOfRaw(await ask(`GET ${path}`))).toMatchObject({ status: 400 })
  })
})

describe('another spelling of a path', () => {
  test.each([
    '/v1//inbox',
    '//v1/inbox',
    '/v1/inbox/',
    '/v1/inbox;a=b',
    '/v1/inbox%2f',
    '/v1/inbox%3fa=b',
    '/v1/inbox%00',
    '/v1/inbox%20',
    '/V1/inbox',
    '/v1%2finbox',
    '/v1/%2569nbox',
    '/v1/users/alice%2finbox/counts',
  ])('%s is no other path', async (path) => {
    expect([401, 404, 405]).toContain((await ask(`GET ${path}`)).status)
  })

  test.each([
    '/v1/%69nbox',
    '/healthz/../v1/inbox',
    '/healthz/%2e%2e/v1/inbox',
    '/v1/users/bob/../../inbox',
  ])('%s, which names a path that is guarded, is guarded as that', async (path) => {
    const nobody = await exchange(service.url, requestText(`GET ${path}`, { host: 'localhost' }))
    expect(problemOfRaw(nobody)).toMatchObject({ status: 401, code: 'missing_token' })
    const other = await ask(`GET ${path}`, {}, await serviceToken('posthorn:users'))
    expect(problemOfRaw(other)).toMatchObject({ status: 403, code: 'insufficient_scope' })
  })

  test('of a user is that user: encoded or not, and no path of its own', async () => {
    await service.api.send('a/../b', 'to a name with a path in it')
    const token = await serviceToken('posthorn:users')
    const mine = await ask('GET /v1/users/a%2f%2e%2e%2fb/inbox/counts', {}, token)
    expect(JSON.parse(mine.body)).toMatchObject({ unread: 1 })
    const other = await ask('GET /v1/users/b/inbox/counts', {}, token)
    expect(JSON.parse(other.body)).toMatchObject({ unread: 0 })
  })
})

describe('a method', () => {
  const PATHS = ['/', '/healthz', '/v1/inbox', '/v1/devices/phone', '/v1/notifications']

  test.each(['TRACE', 'PUT', 'PROPFIND', 'PURGE', 'M-SEARCH'])(
    '%s is not taken, and nothing of the request comes back (RFC 9110 §9.3.8)',
    async (method) => {
      for (const path of PATHS) {
        const answer = await ask(`${method} ${path}`, { 'x-secret': 'seen-nowhere' })
        expect(problemOfRaw(answer).status).toBe(405)
        expect(JSON.stringify([...answer.headers]) + answer.body).not.toContain('seen-nowhere')
      }
    },
  )

  test.each(['TRACK', 'get', 'DEBUG', 'GET\t'])('%j is none', async (method) => {
    expect((await ask(`${method} /v1/inbox`)).status).toBe(400)
  })

  test('CONNECT leads nowhere', async () => {
    const answer = await exchange(
      service.url,
      'CONNECT evil.example:80 HTTP/1.1\r\nHost: a\r\n\r\n',
    )
    expect(answer.status).not.toBe(200)
  })

  test.each(['x-http-method-override', 'x-method-override', 'x-http-method'])(
    'is not replaced by the header %s',
    async (name) => {
      const answer = await ask('POST /v1/devices/phone', { [name]: 'DELETE' })
      expect(problemOfRaw(answer)).toMatchObject({ status: 405, code: 'method_not_allowed' })
      const query = await ask('POST /v1/devices/phone?_method=DELETE')
      expect(query.status).toBe(405)
    },
  )
})

describe('no answer leads elsewhere (CWE-601)', () => {
  test.each([
    '//evil.example',
    '//evil.example/%2e%2e',
    '/%2f%2fevil.example',
    '/v1/inbox/?next=//evil.example',
    '/?url=https://evil.example',
    '/console?redirect=https://evil.example',
  ])('%s', async (path) => {
    const answer = await ask(`GET ${path}`, { 'x-forwarded-host': 'evil.example' })
    expect([300, 301, 302, 303, 307, 308]).not.toContain(answer.status)
    expect(answer.headers.get('location')).toBeUndefined()
    expect(answer.headers.get('refresh')).toBeUndefined()
    expect(answer.body).not.toContain('evil.example')
  })
})

describe('names that every object of JavaScript has are nothing here (CWE-1321)', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']

  test.each(NAMES)('%s in a path, a query, a header', async (name) => {
    const paths = [`/${name}`, `/v1/${name}`, `/v1/inbox/${name}`, `/console/${name}`]
    for (const path of paths) expect((await ask(`GET ${path}`)).status).toBe(404)
    for (const query of [`${name}=1`, `${name}[x]=1`, `limit[${name}]=1`]) {
      expect(problemOfRaw(await ask(`GET /v1/inbox?${query}`)).code).toBe('invalid_query')
    }
    expect((await ask('GET /v1/inbox', { [name]: 'x' })).status).toBe(200)
    const socket = await service.api.connect('alice', { query: { [name]: 'x' } })
    expect((await socket.first('welcome')).payload.user).toBe('alice')
    await socket.close()
    expect(Reflect.get({}, 'x')).toBeUndefined()
  })

  test.each(NAMES)(
    '%s as a user, a device, a topic, a type and an id of a command',
    async (name) => {
      const token = await serviceToken('posthorn:send posthorn:topics posthorn:users')
      const put = `PUT /v1/topics/${name}/subscribers/${name}`
      expect((await ask(put, {}, token)).status).toBe(204)
      await using client = await service.api.connect(name, { device: name })
      await client.first('caught_up')
      const sent = await service.api.post({ to: { topic: name }, type: name }, { token })
      await sent.text()
      expect((await client.first('notification')).payload.notification).toMatchObject({
        type: name,
      })
      client.send({ type: name, id: name })
      client.send({ type: 'ping', id: name })
      expect(await client.first('pong')).toMatchObject({ id: name })
      expect(client.errors).toEqual(['unknown_type'])
      const listed = await ask(`GET /v1/users/${name}/devices`, {}, token)
      expect(JSON.parse(listed.body)).toMatchObject({ items: [{ device: name }] })
    },
  )
})
