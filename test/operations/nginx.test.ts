import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.js'
import { listen } from '../../src/http/listen.js'
import { SOCKET_LIMITS } from '../../src/socket/limits.js'
import { TestClient, type ConnectOptions } from '../client.js'
import { SECRET, serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { findNginx, Nginx, TRUST } from './nginx.js'

const program = findNginx() ?? ''
const APP = 'https://app.example'
const MEBIBYTE = 1024 * 1024

describe.skipIf(program === '')('behind the nginx of the example', () => {
  let service: TestService
  let nginx: Nginx

  beforeAll(async () => {
    service = await startService({
      environment: { ALLOWED_ORIGINS: APP, ALLOW_QUERY_TOKEN: 'true', HEARTBEAT_MS: '500' },
    })
    // Ten heartbeats, in place of two.
    const instead = { 'proxy_read_timeout 60s': 'proxy_read_timeout 5s' }
    nginx = await Nginx.start(program, service.url, instead)
  })
  afterAll(async () => {
    await nginx[Symbol.asyncDispose]()
    await service[Symbol.asyncDispose]()
  })

  const connect = async (user: string, options: ConnectOptions = {}): Promise<TestClient> =>
    TestClient.connect(nginx.url, {
      token: await tokenFor(user),
      device: 'phone',
      tls: TRUST,
      ...options,
    })
  const send = async (user: string, padding = ''): Promise<number> => {
    const answer = await nginx.ask('/v1/notifications', {
      method: 'POST',
      headers: { authorization: `Bearer ${await serviceToken()}` },
      body: JSON.stringify({ to: { user }, type: 'test', title: 'Hello' }) + padding,
    })
    return answer.status
  }

  test('a send reaches a page that brings its token as pages do, live and replayed', async () => {
    expect(await send('alice')).toBe(201)
    const page = await connect('alice', { credential: 'subprotocol', headers: { origin: APP } })
    await page.first('caught_up')
    expect(await send('alice')).toBe(201)
    await page.until(() => page.titles.length === 2, 'both')
    expect(page.all('notification').map(({ payload }) => payload.replayed)).toEqual([true, false])
    await page.acknowledgeAndWait(2)
    page.socket.close()
    await page.closed
  })

  test('users ask over HTTP/2', async () => {
    const authorization = `Bearer ${await tokenFor('alice')}`
    expect(await nginx.askHttp2('/v1/inbox', { authorization })).toBe(200)
    expect(await nginx.askHttp2('/v1/inbox', {})).toBe(401)
  })

  test('a page of an allowed origin may ask, another may not', async () => {
    for (const [origin, allowed] of [
      [APP, APP],
      ['https://other.example', undefined],
    ]) {
      const { headers } = await nginx.ask('/v1/inbox', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'GET' },
      })
      expect(headers['access-control-allow-origin']).toBe(allowed)
    }
    const socket = connect('alice', { headers: { origin: 'https://other.example' } })
    await expect(socket).rejects.toThrow('403')
  })

  test('a socket on which nothing comes stays open by its heartbeat', async () => {
    const client = await connect('idle')
    // Twelve heartbeats take longer than nginx waits for a word of the service.
    for (let ping = 0; ping < 12; ping++) await once(client.socket, 'ping')
    expect(await send('idle')).toBe(201)
    await client.first('notification')
    client.socket.close()
    await client.closed
  })

  test('what is too large is refused by the service, with a problem; what is far too large, at once', async () => {
    expect(await send('alice', ' '.repeat(MEBIBYTE - 200))).toBe(201)
    const problem = await nginx.ask('/v1/notifications', {
      method: 'POST',
      headers: { authorization: `Bearer ${await serviceToken()}` },
      body: ' '.repeat(MEBIBYTE + 1),
    })
    expect(problem).toMatchObject({
      status: 413,
      headers: { 'content-type': 'application/problem+json' },
    })
    const far = await nginx.ask('/v1/notifications', {
      method: 'POST',
      headers: { 'content-length': 6 * MEBIBYTE },
    })
    expect(far).toMatchObject({ status: 413, headers: { 'content-type': 'text/html' } })
    const headers = Object.fromEntries([1, 2, 3].map((n) => [`x-${n}`, 'x'.repeat(6_000)]))
    const heads = await nginx.ask('/v1/inbox', { headers })
    expect(heads).toMatchObject({
      status: 431,
      headers: { 'content-type': 'application/problem+json' },
    })
  })

  test('figures are shown to nobody through it', async () => {
    const authorization = `Bearer ${await serviceToken('posthorn:metrics')}`
    const answer = await nginx.ask('/metrics', { headers: { authorization } })
    expect(answer).toMatchObject({ status: 404, headers: { 'content-type': 'text/html' } })
  })

  test('its logs hold no token, where the query does', async () => {
    const token = await tokenFor('alice')
    const client = await connect('alice', { credential: 'none', query: { access_token: token } })
    await client.first('welcome')
    client.socket.close()
    await client.closed
    await nginx.ask(`/nowhere?access_token=${token}`)
    // A line is written once its answer has gone; a socket's, once that has ended.
    await expect.poll(() => nginx.logs.access).toContain('"GET /nowhere" 404')
    const { access, error } = nginx.logs
    expect(access + error).not.toMatch(/access_token|eyJ/)
  })
})

describe.skipIf(program === '')('nginx', () => {
  test('tells the service who asks, whatever the client claims', async () => {
    const seen: IncomingHttpHeaders[] = []
    const upstream = createServer((request, response) => {
      seen.push(request.headers)
      response.end()
    })
    const url = await listen(upstream, { scheme: 'http', host: '127.0.0.1', port: 0 })
    try {
      await using nginx = await Nginx.start(program, url)
      const headers = {
        host: 'notify.example',
        'x-forwarded-for': '203.0.113.9',
        forwarded: 'for=203.0.113.9',
      }
      await nginx.ask('/v1/inbox', { headers })
      expect(seen).toEqual([
        {
          host: 'notify.example',
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-proto': 'https',
        },
      ])
    } finally {
      upstream.close()
      upstream.closeAllConnections()
    }
  })

  test('lets the service count refused tokens by who sent them', async () => {
    const environment = { TRUSTED_PROXIES: '127.0.0.1', ADDRESS_FAILURES_PER_MINUTE: '3' }
    await using service = await startService({ environment })
    await using nginx = await Nginx.start(program, service.url)
    const guess = async (localAddress: string, token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` }
      return (await nginx.ask('/v1/inbox', { localAddress, headers })).status
    }
    const statuses: number[] = []
    for (let tried = 0; tried < 5; tried++) {
      const token = await tokenFor('alice', {}, { secret: `${SECRET} ${tried}` })
      statuses.push(await guess('127.0.0.21', token))
    }
    expect(statuses).toEqual([401, 401, 401, 429, 429])
    const token = await tokenFor('alice', {}, { secret: `${SECRET} 6` })
    expect(await guess('127.0.0.22', token)).toBe(401)
  })

  test('sends sockets away when the service stops, by 1012, and then answers 502 without a token in its log', async () => {
    const service = await startService()
    await using nginx = await Nginx.start(program, service.url)
    const token = await tokenFor('alice')
    const client = await TestClient.connect(nginx.url, { token, device: 'phone', tls: TRUST })
    await client.first('caught_up')
    await service[Symbol.asyncDispose]()
    expect(await client.closed).toMatchObject({ code: 1012 })
    await client.first('draining')
    const answer = await nginx.ask(`/v1/socket?access_token=${token}`)
    expect(answer.status).toBe(502)
    await expect.poll(() => nginx.logs.access).toContain('"GET /v1/socket" 502')
    const { access, error } = nginx.logs
    expect(access + error).not.toMatch(/access_token|eyJ/)
  })
})

test('the example waits longer than a heartbeat and its answer take', () => {
  const conf = readFileSync(new URL('../../src/operations/nginx.conf', import.meta.url), 'utf8')
  const [, seconds] = /proxy_read_timeout (\d+)s;/.exec(conf) ?? []
  const { heartbeatMs } = readConfig({ JWT_SECRET: SECRET })
  expect(Number(seconds) * 1_000).toBeGreaterThan(heartbeatMs + SOCKET_LIMITS.pongMs)
})
