import { readFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import { warnOfDrops } from '../../src/http/dropped-connections.js'
import { listen, portOf } from '../../src/http/listen.js'
import { openServer } from '../../src/http/server.js'
import { startService, tokenFor, type TestServiceOptions } from '../harness.js'
import { problemOfRaw } from './problem-of.js'
import { dial, parseAnswer } from './raw.js'

const NEVER = 3_600_000
const NOBODY_WAITS = {
  handshakeMs: NEVER,
  headersMs: NEVER,
  requestMs: NEVER,
  keepAliveMs: NEVER,
  silenceMs: NEVER,
  lookMs: 20,
}

/** Times in which everyone may take as long as they like, but for some. */
const only = (times: Partial<typeof NOBODY_WAITS>): TestServiceOptions => ({
  times: { ...NOBODY_WAITS, ...times },
})

const pem = (name: string): string => new URL(`../tls/${name}.pem`, import.meta.url).pathname
const TLS = { TLS_CERT: pem('cert'), TLS_KEY: pem('key') }

/** A head that lacks its last line. */
const HALF_A_HEAD = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: a'

test.each([
  ['has only begun', HALF_A_HEAD],
  ['of a socket has only begun', 'GET /v1/socket HTTP/1.1\r\nUpgrade: websocket\r\n'],
  ['never begins', ''],
])('a request that %s is answered 408, and its connection ends', async (_how, text) => {
  await using service = await startService(only({ headersMs: 50 }))
  const { socket, ended } = dial(service.url)
  socket.write(text)
  const problem = problemOfRaw(parseAnswer(await ended))
  expect(problem).toMatchObject({ status: 408, code: 'request_timeout' })
})

test('a body that never comes to its end is answered 408', async () => {
  await using service = await startService(only({ headersMs: 50, requestMs: 100 }))
  const { socket, ended } = dial(service.url)
  const token = await tokenFor('alice')
  const head = [
    'POST /v1/inbox/mark HTTP/1.1',
    'Host: localhost',
    `Authorization: Bearer ${token}`,
    'Content-Length: 100',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n{"action":`)
  const problem = problemOfRaw(parseAnswer(await ended))
  expect(problem).toMatchObject({ status: 408, code: 'request_timeout' })
})

test('a connection that has been answered is kept for a while, and no longer', async () => {
  await using service = await startService(only({ keepAliveMs: 50 }))
  const { socket, ended } = dial(service.url)
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(parseAnswer(await ended).status).toBe(200)
})

test('a connection on which nothing moves either way ends', async () => {
  await using service = await startService(only({ silenceMs: 50 }))
  const { ended } = dial(service.url)
  expect(await ended).toBe('')
})

test('a TLS handshake that never comes to its end is cut', async () => {
  await using service = await startService({ ...only({ handshakeMs: 1_000 }), environment: TLS })
  const { ended } = dial(service.url)
  expect(await ended).toBe('')

  // Whoever shakes hands has all the time for the rest.
  const secure = connectTls({
    port: Number(new URL(service.url).port),
    ca: readFileSync(TLS.TLS_CERT),
  })
  await new Promise((resolve) => secure.once('secureConnect', resolve))
  const answered = new Promise((resolve) => secure.once('data', resolve))
  secure.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  expect(String(await answered)).toMatch(/^HTTP\/1\.1 200 /)
  secure.destroy()
})

test('none of these times is for a socket that is open', async () => {
  const times = { headersMs: 500, requestMs: 500, keepAliveMs: 500, silenceMs: 500, lookMs: 20 }
  await using service = await startService({ times })
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  // Long enough for each of those times, told by a connection that comes later and ends by them.
  for (let round = 0; round < 3; round++) await dial(service.url).ended
  await client.settled()
  expect(client.errors).toEqual([])
})

const Line = z.object({ msg: z.string() })
const messageOf = (line: string): string => Line.parse(JSON.parse(line)).msg

test('more TCP connections than there may be are dropped, and the others served on', async () => {
  const { server, scheme } = openServer({ tls: undefined, maxConnections: 2 })
  const lines: unknown[] = []
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(messageOf(line)) })
  warnOfDrops(server, log, () => 0)
  await listen(server, { scheme, host: '127.0.0.1', port: 0 })
  const port = portOf(server)
  const open = (): ReturnType<typeof connectTcp> => connectTcp(port, '127.0.0.1')
  const accepted = new Promise((resolve) => {
    let count = 0
    server.on('connection', () => ++count === 2 && resolve(undefined))
  })
  const kept = [open(), open()]
  await accepted
  const third = open()
  await new Promise((resolve) => third.once('close', resolve))
  const fourth = open()
  await new Promise((resolve) => fourth.once('close', resolve))
  // Once, however many they are.
  expect(lines).toEqual(['connections are dropped: there are too many'])
  expect(kept.map(({ destroyed }) => destroyed)).toEqual([false, false])
  for (const socket of kept) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
})
