import { once } from 'node:events'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limitBody, readJson } from '../../src/http/body.js'
import type { RequestEnvironment } from '../../src/http/environment.js'
import { listen } from '../../src/http/listen.js'
import { deferred } from '../deferred.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { problemOfRaw, shortOf } from './problem-of.js'
import { dial, exchange, parseAnswer, requestText, type RawAnswer } from './raw.js'

const MEBIBYTE = 1024 * 1024
const LEAST = JSON.stringify({ to: { user: 'alice' }, type: 'test' })

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/** Posts a body as its bytes are. */
function post(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL('/v1/notifications', service.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, ...headers },
    body,
  })
}

const head = (headers: Record<string, string>): string =>
  requestText('POST /v1/notifications', {
    host: '127.0.0.1',
    authorization: `Bearer ${token}`,
    ...headers,
  })

const inChunks = (...parts: string[]): string =>
  parts.map((part) => `${Buffer.byteLength(part).toString(16)}\r\n${part}\r\n`).join('')

function numbered(count: number, write: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => write(at)).join(',')
}

const problemShort = (answer: RawAnswer): string => {
  const { status, code } = problemOfRaw(answer)
  return `${status} ${code}`
}

describe('a body', () => {
  test('needs no content type, and may have any', async () => {
    for (const type of ['application/json', 'application/json; charset=utf-8', 'text/plain']) {
      expect((await post(LEAST, { 'content-type': type })).status).toBe(201)
    }
  })

  test('may come in chunks, down to one byte', async () => {
    const request = head({ 'transfer-encoding': 'chunked' }) + inChunks(...LEAST.split(''), '')
    expect((await exchange(service.url, request)).status).toBe(201)
  })

  test.each(['', ' ', '{', `${LEAST}}`, `${LEAST} x`, `'${LEAST}'`, '{"to":undefined}', '\u0000'])(
    'that is no JSON is refused: %j',
    async (body) => {
      expect(await shortOf(await post(body))).toBe('400 malformed_body')
    },
  )

  test('with a byte order mark is refused (RFC 8259 §8.1)', async () => {
    expect(await shortOf(await post(`\uFEFF${LEAST}`))).toBe('400 malformed_body')
  })

  test.each([
    ['a byte alone', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['half a character', [0xf0, 0x9f, 0x98]],
  ])('that is not UTF-8 is refused: %s', async (_name, bytes) => {
    const [before = '', after = ''] = LEAST.split('alice')
    const body = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
    expect(await shortOf(await post(body))).toBe('400 malformed_body')
    const utf16 = Buffer.from(LEAST, 'utf16le')
    expect(await shortOf(await post(utf16))).toBe('400 malformed_body')
  })

  test.each(['null', '5', '"text"', '[]', `[${LEAST}]`])(
    'that is JSON but no object is refused by its shape: %s',
    async (body) => {
      expect(await shortOf(await post(body))).toBe('422 invalid_request :invalid_type')
    },
  )

  test.each<[object, string]>([
    [{ type: 'test' }, '422 invalid_request /to:required'],
    [{ to: { user: 'a' }, type: 't', tittle: 1 }, '422 invalid_request /tittle:unknown_field'],
    [{ to: { user: 'a', name: 1 }, type: 't' }, '422 invalid_request /to/name:unknown_field'],
    [{ to: { user: 'a' }, type: 't', ttl: -1 }, '422 invalid_request /ttl:invalid_value'],
    [{ to: { user: 'a', device: 'b' }, type: 't' }, '422 invalid_request /ttl:invalid_value'],
    [{ to: { topic: 'a b' }, type: 't' }, '422 invalid_request /to/topic:invalid_value'],
  ])('%j is refused field by field', async (body, short) => {
    expect(await shortOf(await post(JSON.stringify(body)))).toBe(short)
  })

  test.each([
    ['fields', `{"to":{"user":"a"},"type":"t",${numbered(60_000, (at) => `"field_${at}":1`)}}`],
    ['users', `{"to":{"users":[${numbered(500_000, () => '0')}]},"type":"t"}`],
  ])('with very many wrong %s is not answered at greater length', async (_what, body) => {
    const response = await post(body)
    expect(response.status).toBe(422)
    expect((await response.text()).length).toBeLessThan(body.length / 10)
  })

  test('nested a hundred thousand deep is refused, and the service goes on', async () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000)
    const body = `${LEAST.slice(0, -1)},"data":${deep}}`
    expect(await shortOf(await post(body))).toBe('422 invalid_request /data:invalid_value')
    expect(await shortOf(await post(deep))).toBe('422 invalid_request :invalid_type')
    expect((await post(LEAST)).status).toBe(201)
  })
})

const padded = (bytes: number): string => LEAST + ' '.repeat(bytes - LEAST.length)

describe('a request of more than 1 MiB', () => {
  test('is one byte more: just 1 MiB is taken, chunked or not', async () => {
    expect((await post(padded(MEBIBYTE))).status).toBe(201)
    const chunks = [padded(MEBIBYTE).slice(0, 700_000), padded(MEBIBYTE).slice(700_000), '']
    const request = head({ 'transfer-encoding': 'chunked' }) + inChunks(...chunks)
    expect((await exchange(service.url, request)).status).toBe(201)
  })

  test('is refused by its Content-Length, before a byte of it has come', async () => {
    const answer = await exchange(service.url, head({ 'content-length': String(MEBIBYTE + 1) }))
    expect(problemShort(answer)).toBe('413 payload_too_large')
    expect(answer.headers.get('connection')).toBe('close')
  })

  test('is answered to a caller who is still writing, and may go on writing', async () => {
    const { socket, ended, text } = dial(service.url)
    const length = String(2 * MEBIBYTE)
    socket.write(head({ connection: 'keep-alive', 'content-length': length }))
    await once(socket, 'data')
    socket.write(padded(2 * MEBIBYTE))
    socket.write(head({ 'content-length': String(LEAST.length) }) + LEAST)
    await ended
    expect(text()).toMatch(/^HTTP\/1.1 413 [^]+HTTP\/1.1 201 /)
  })

  test('is not waited for: where its rest does not come the connection ends', async () => {
    const { socket, ended } = dial(service.url)
    const length = String(MEBIBYTE + 1)
    socket.write(head({ connection: 'keep-alive', 'content-length': length }))
    expect(problemShort(parseAnswer(await ended))).toBe('413 payload_too_large')
  })

  test('is refused by what has come, where it comes in chunks', async () => {
    const request = head({ 'transfer-encoding': 'chunked' }) + inChunks(padded(MEBIBYTE + 1), '')
    expect(problemShort(await exchange(service.url, request))).toBe('413 payload_too_large')
  })

  test('is refused though it never ends', async () => {
    const { socket, ended } = dial(service.url)
    const chunk = inChunks(' '.repeat(64 * 1024))
    let written = 0
    socket.write(head({ 'transfer-encoding': 'chunked' }))
    const answered = once(socket, 'data')
    const pump = (): void => {
      while (!socket.destroyed && socket.write(chunk)) written += chunk.length
      written += chunk.length
    }
    socket.on('drain', pump)
    pump()
    await answered
    socket.off('drain', pump)
    expect(problemShort(parseAnswer(await ended))).toBe('413 payload_too_large')
    // What the service has read, and what the two kernels hold.
    expect(written).toBeLessThan(32 * MEBIBYTE)
    expect((await post(LEAST)).status).toBe(201)
  })
})

const titled = (title: string, to: object = { user: 'alice' }): string =>
  JSON.stringify({ to, type: 'test', title })

describe('a notification of more than 64 KiB', () => {
  const room = 64 * 1024 - Buffer.byteLength(JSON.stringify({ type: 'test', title: '' }))

  test('is one byte more, counted as UTF-8', async () => {
    expect((await post(titled('x'.repeat(room)))).status).toBe(201)
    expect(await shortOf(await post(titled('x'.repeat(room + 1))))).toBe('413 payload_too_large')
    const wide = '😀'.repeat(Math.floor(room / 4))
    expect((await post(titled(wide))).status).toBe(201)
    expect(await shortOf(await post(titled(`${wide}😀`)))).toBe('413 payload_too_large')
  })

  test('does not count those whom it is for', async () => {
    const users = Array.from({ length: 1_000 }, (_, index) => `${index}-${'u'.repeat(200)}`)
    expect((await post(titled('x'.repeat(room), { users }))).status).toBe(201)
  })

  test('is stored for nobody', async () => {
    await post(titled('x'.repeat(room + 1), { user: 'nobody' }))
    const response = await service.api.request('/v1/inbox/counts', {
      token: await tokenFor('nobody'),
    })
    expect(await response.json()).toMatchObject({ latest: 0 })
  })
})

test('stores nothing of a body that ends too early, and goes on', async () => {
  const { socket, ended } = dial(service.url)
  await once(socket, 'connect')
  const whole = LEAST.replace('alice', 'half')
  socket.end(head({ 'content-length': String(whole.length + 1) }) + whole)
  await ended
  const response = await service.api.request('/v1/inbox/counts', { token: await tokenFor('half') })
  expect(await response.json()).toMatchObject({ latest: 0 })
})

test.each([
  ['ends too early', ''],
  ['is malformed', 'no chunk\r\n'],
])('a body in chunks that %s is a fault of the caller, not of the service', async (_name, rest) => {
  const reading = deferred<void>()
  const failed = deferred<unknown>()
  const app = new Hono<RequestEnvironment>()
  app.onError((error) => {
    failed.resolve(error)
    return new Response()
  })
  // What comes too early is met elsewhere: it must break off while the body is counted.
  app.use((_context, next) => {
    const answered = next()
    reading.resolve()
    return answered
  })
  app.post('/v1/notifications', async (context) => {
    await limitBody(context, MEBIBYTE)
    return new Response()
  })
  const answer = getRequestListener(app.fetch)
  const server = createServer((request, response) => void answer(request, response))
  const { socket, ended } = dial(
    await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 }),
  )
  socket.write(head({ 'transfer-encoding': 'chunked' }) + inChunks(LEAST.slice(0, 9)))
  await reading.promise
  socket.end(rest)
  expect(await failed.promise).toMatchObject({ code: 'malformed_body' })
  await ended
  await new Promise((resolve) => server.close(resolve))
})

test.each([
  ['came whole is read', 0, { to: { user: 'alice' }, type: 'test' }],
  ['did not come whole is a fault of the caller', 1, { code: 'malformed_body' }],
])(
  'a body whose caller hung up before it was read, and that %s',
  async (_name, missing, outcome) => {
    const known = deferred<unknown>()
    const app = new Hono<RequestEnvironment>()
    app.onError((error) => {
      known.resolve(error)
      return new Response()
    })
    app.post('/v1/notifications', async (context) => {
      await new Promise((resolve) => context.env.incoming.once('close', resolve))
      await limitBody(context, MEBIBYTE)
      known.resolve(await readJson(context))
      return new Response()
    })
    const answer = getRequestListener(app.fetch)
    const server = createServer((request, response) => void answer(request, response))
    const { socket, ended } = dial(
      await listen(server, { scheme: 'http', host: '127.0.0.1', port: 0 }),
    )
    socket.end(head({ 'content-length': String(LEAST.length + missing) }) + LEAST)
    socket.once('finish', () => socket.destroy())
    expect(await known.promise).toMatchObject(outcome)
    await ended
    await new Promise((resolve) => server.close(resolve))
  },
)
