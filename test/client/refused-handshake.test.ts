import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { connect, type Status } from '../../src/client/node.js'
import { startService } from '../harness.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const { port } = z.object({ port: z.int() }).parse(server.address())
  return `http://127.0.0.1:${port}`
}

/** Why the first attempt failed. */
async function whyWaiting(url: string): Promise<unknown> {
  const storage = { get: () => undefined, set: () => undefined }
  const inbox = connect({ url, token: () => 'no.token.at-all', device: 'phone', storage })
  const status = await new Promise<Status>((resolve) => {
    inbox.on('status', (status) => status.state === 'waiting' && resolve(status))
  })
  await inbox.close()
  return status.state === 'waiting' && status.why
}

test('tells why it waits: the token was refused', async () => {
  await using service = await startService()
  expect(await whyWaiting(service.url)).toEqual({ code: 4401, reason: 'invalid_token' })
})

test('tells why it waits: something else answers there', async () => {
  const notFound = await serve((_request, response) => response.writeHead(404).end('not here'))
  expect(await whyWaiting(notFound)).toEqual({ code: 1006, reason: 'HTTP 404' })
  const other = await serve((_request, response) => response.writeHead(200).end('{"code":"x"}'))
  expect(await whyWaiting(other)).toEqual({ code: 1006, reason: 'HTTP 200' })
})

test('tells why it waits: nobody listens there, or nobody speaks', async () => {
  const url = await serve(() => undefined)
  for (const close of closing.splice(0)) await close()
  expect(await whyWaiting(url)).toEqual({
    code: 1006,
    reason: `connect ECONNREFUSED ${new URL(url).host}`,
  })
  const silent = await serve((request) => request.socket.destroy())
  expect(await whyWaiting(silent)).toEqual({ code: 1006, reason: 'socket hang up' })
})
