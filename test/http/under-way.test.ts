import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod/mini'
import { listen } from '../../src/http/listen.js'
import { UnderWay } from '../../src/http/under-way.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { dial } from './raw.js'

const MAX = 32

/** Large enough that neither end of a connection takes many answers before they are read. */
const COUNT = 30
const BODY = 'x'.repeat(60_000)

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  const sender = await serviceToken()
  for (let count = 0; count < COUNT; count++) {
    const body = { to: { user: 'alice' }, type: 'test', title: String(count), body: BODY }
    const answer = await service.api.post(body, { token: sender })
    if (answer.status !== 201) throw new Error(String(answer.status))
    await answer.arrayBuffer()
  }
  token = await tokenFor('alice')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const requests = (count: number): string => {
  const head = `GET /v1/inbox HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n`
  return `${head}\r\n`.repeat(count - 1) + `${head}Connection: close\r\n\r\n`
}

test('of many requests whose answers wait for each other, those above a number are refused', async () => {
  const { socket, ended } = dial(service.url)
  socket.write(requests(100))
  const statuses = [...(await ended).matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)
  // All are read at once; an answer that was taken before the last was asked for makes room for one more.
  expect(statuses).toHaveLength(100)
  expect(statuses.filter((status) => status === '200').length).toBeGreaterThanOrEqual(MAX)
  expect(statuses.filter((status) => status === '429').length).toBeGreaterThan(0)
})

test('other users are not held up, and the user is served again when the connection has gone', async () => {
  const { socket, ended } = dial(service.url)
  socket.write(requests(100))
  await once(socket, 'data')
  socket.pause()
  const other = await service.api.request('/v1/inbox', { token: await tokenFor('bob') })
  expect(other.status).toBe(200)
  socket.destroy()
  await ended
  // None of those that broke off counts on: as many as there may be are served at once.
  const atOnce = () => Promise.all(Array.from({ length: MAX }, statusNow))
  await expect.poll(atOnce).toEqual(Array(MAX).fill(200))
})

test('who hung up while its token was verified counts for nothing', async () => {
  const server = createServer()
  const url = await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 })
  const arrived = new Promise<[IncomingMessage, ServerResponse]>((resolve) => {
    server.once('request', (...both) => resolve(both))
  })
  const { socket } = dial(url)
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [request, answer] = await arrived
  const closed = once(answer, 'close')
  socket.destroy()
  await closed
  const underWay = new UnderWay()
  const enterOften = (): void => {
    for (let count = 0; count <= MAX; count++) underWay.enter('alice', request, answer)
  }
  expect(enterOften).not.toThrow()
  await new Promise((resolve) => server.close(resolve))
})

async function statusNow(): Promise<number> {
  const answer = await service.api.request('/v1/inbox?limit=1', { token })
  await answer.arrayBuffer()
  return answer.status
}

test('a page of large notifications has fewer of them, and the next goes on behind it', async () => {
  const Page = z.object({
    items: z.array(z.object({ title: z.string() })),
    nextPage: z.nullable(z.string()),
  })
  const sizes: number[] = []
  const titles: string[] = []
  let page = ''
  do {
    const path = `/v1/inbox?limit=100${page}`
    const text = await service.api.request(path, { token }).then((answer) => answer.text())
    const { items, nextPage } = Page.parse(JSON.parse(text))
    sizes.push(text.length)
    titles.push(...items.map(({ title }) => title))
    page = nextPage === null ? '' : `&page=${nextPage}`
  } while (page !== '')
  expect(titles).toEqual(Array.from({ length: COUNT }, (_, at) => String(COUNT - 1 - at)))
  expect(sizes).toHaveLength(2)
  expect(Math.max(...sizes)).toBeLessThan(1.2 * 1024 * 1024)
})
