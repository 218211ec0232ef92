import { once } from 'node:events'
import { createConnection, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { Api, serviceToken, startService, type TestService } from '../harness.js'
import { Measured } from '../measured.js'
import { shortOf } from './problem-of.js'

/** A service with a port for operators, and a way to ask there. */
async function withOperations(
  environment: Record<string, string> = {},
): Promise<TestService & { operators: Api }> {
  const service = await startService({ environment: { OPS_PORT: '0', ...environment } })
  return { ...service, operators: new Api(service.opsUrl ?? '') }
}

test('answers the probes and the metrics without a token', async () => {
  await using service = await withOperations()
  const { operators } = service
  expect(new URL(operators.url).hostname).toBe(new URL(service.url).hostname)
  expect(await (await operators.request('/healthz')).json()).toEqual({ status: 'ok' })
  expect(await (await operators.request('/readyz')).json()).toEqual({ status: 'ready' })
  const measured = new Measured(await (await operators.request('/metrics')).text())
  expect(measured.value('posthorn_stopping')).toBe(0)
})

test.each([
  ['GET', '/'],
  ['GET', '/docs'],
  ['GET', '/openapi.yaml'],
  ['GET', '/console/settings'],
  ['GET', '/v1/inbox'],
  ['GET', '/v1/socket'],
  ['POST', '/v1/notifications'],
  ['POST', '/metrics'],
  ['GET', '/metrics/'],
  ['GET', '//metrics'],
])('serves nothing else: %s %s', async (method, path) => {
  await using service = await withOperations({ CONSOLE: 'true' })
  const { operators } = service
  const token = await serviceToken('posthorn:send posthorn:users posthorn:metrics')
  const response = await fetch(operators.url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
  })
  expect(await shortOf(response)).toBe('404 not_found')
})

test('in development answers to loopback names alone', async () => {
  await using service = await withOperations({ JWT_SECRET: '' })
  const { hostname, port } = new URL(service.operators.url)
  const socket = createConnection(Number(port), hostname)
  socket.end('GET /metrics HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n')
  let answer = ''
  for await (const piece of socket) answer += String(piece)
  expect(answer).toMatch(/^HTTP\/1.1 403 /)
})

test('goes on while the service stops, says why it is not ready, and ends last', async () => {
  await using service = await withOperations({ SHUTDOWN_TIMEOUT_MS: '60000' })
  const { operators } = service
  const { hostname, port } = new URL(service.url)
  const slow = createConnection(Number(port), hostname)
  const body = JSON.stringify({ to: { user: 'alice' }, type: 'test' })
  slow.write(
    `POST /v1/notifications HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: Bearer ${await serviceToken()}\r\n` +
      `Expect: 100-continue\r\nContent-Length: ${body.length}\r\n\r\n`,
  )
  // The service has begun with it, and waits for its end before it stops.
  await once(slow, 'data')
  const closed = service.close()

  const readiness = await operators.request('/readyz')
  expect(await shortOf(readiness)).toBe('503 shutting_down')
  expect((await operators.request('/healthz')).status).toBe(200)
  const measured = new Measured(await (await operators.request('/metrics')).text())
  expect(measured.value('posthorn_stopping')).toBe(1)

  slow.write(body)
  await once(slow, 'data')
  await closed
  await expect(operators.request('/healthz')).rejects.toThrow('fetch failed')
})

test('does not start where the port of operators is taken, and leaves nothing open', async () => {
  const other = createServer()
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  const address = other.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await expect(startService({ environment: { OPS_PORT: String(port) } })).rejects.toThrow(
    'EADDRINUSE',
  )
  other.close()
})
