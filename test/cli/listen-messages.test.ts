import { once } from 'node:events'
import { expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import { startService, tokenFor } from '../harness.js'
import { Listening } from './listening.js'

const ID = '01a205a4-f684-7159-8251-0ba1ed83d765'

const WELCOME = {
  type: 'welcome',
  payload: {
    connection: 'c1',
    user: 'alice',
    device: 'terminal',
    epoch: 'e1',
    cursor: 0,
    latest: 8,
    unread: 4,
    unseen: 4,
    heartbeatMs: 25_000,
    maxUnacked: 512,
    maxFrameBytes: 16_384,
    tokenExpiresAt: '2100-01-01T00:00:00.000Z',
    serverTime: '2026-11-22T10:00:00.000Z',
  },
}
const GAP = { type: 'gap', payload: { from: 2, to: 6, reason: 'retention' } }
const REMOVED = {
  type: 'removed',
  payload: { seq: 8, id: ID, collapseKey: 'order-8812', reason: 'recalled', unread: 3, unseen: 1 },
}
const CAUGHT_UP = { type: 'caught_up', payload: { seq: 8, unread: 3, unseen: 1 } }
const EPHEMERAL = {
  type: 'ephemeral',
  payload: {
    notification: {
      id: ID,
      type: 'typing',
      title: 'Bob writes',
      body: null,
      url: null,
      icon: null,
      data: { chat: 7 },
      priority: 'low',
      collapseKey: null,
      topic: null,
      sender: 'chat',
      createdAt: '2026-11-22T10:00:00.000Z',
      expiresAt: '2026-11-22T10:00:00.000Z',
    },
  },
}
const COUNTS = { type: 'counts', payload: { unread: 2, unseen: 0 } }

/** A server that says what the test says, to a `listen` that has connected to it. */
class Scripted {
  readonly #server: WebSocketServer
  readonly listening: Listening
  readonly socket: WebSocket
  readonly heard: unknown[] = []

  private constructor(server: WebSocketServer, listening: Listening, socket: WebSocket) {
    this.#server = server
    this.listening = listening
    this.socket = socket
    socket.on('message', (data: Buffer) => this.heard.push(JSON.parse(data.toString())))
  }

  static async start(...words: string[]): Promise<Scripted> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('the server has no port')
    const connected = new Promise<WebSocket>((resolve) => server.once('connection', resolve))
    const at = ['--user', 'alice', '--url', `http://127.0.0.1:${address.port}`]
    const listening = new Listening([...at, ...words])
    return new Scripted(server, listening, await connected)
  }

  say(frames: unknown): void {
    this.socket.send(JSON.stringify(frames))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listening[Symbol.asyncDispose]()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

test('`listen` tells of what is removed, missing, counted or not stored, and acknowledges what has a place in the log', async () => {
  await using server = await Scripted.start()
  for (const frame of [WELCOME, GAP, REMOVED, CAUGHT_UP]) server.say(frame)
  const { listening } = server
  await listening.line((line) => line.startsWith('up to date'))
  for (const frame of [EPHEMERAL, COUNTS]) server.say(frame)
  await listening.line((line) => line === '2 unread')
  expect(await listening.interrupt()).toBe(0)
  expect(listening.lines).toEqual([
    'connected as alice on terminal, 4 unread',
    'the log has changed: older notifications may be missing',
    `#8  ${ID} is gone: recalled`,
    'up to date; waiting for more',
    '[typing]  Bob writes  {"chat":7}  (not stored)',
    '2 unread',
  ])
  expect(server.heard.at(-1)).toEqual({ type: 'ack', payload: { seq: 8 } })
})

test('`listen` shows control characters of a text, and obeys none', async () => {
  await using service = await startService()
  await service.api.send('alice', 'red \u001b[31m\nnext\u0007\u009b')
  await using listening = new Listening(['--user', 'alice', '--url', service.url])
  const line = await listening.line((line) => line.startsWith('#1'))
  expect(line).toBe('#1  [test]  red \\x1b[31m\\x0anext\\x07\\x9b  (replayed)')
})

test('`listen` ends where its token is of somebody else, and acknowledges nothing', async () => {
  await using service = await startService()
  await service.api.send('bob', 'for bob')
  const token = await tokenFor('bob')
  const words = ['--user', 'alice', '--token', token, '--url', service.url]
  await using listening = new Listening(words)
  expect(await listening.exited).toBe(1)
  expect(listening.errorLines).toEqual(['posthorn: the token is of bob, not of alice'])
  expect(listening.lines.filter((line) => line.startsWith('#'))).toEqual([])
})

test('`listen` says that it is up to date when it has printed what was missed', async () => {
  await using server = await Scripted.start()
  server.say(WELCOME)
  const removed = Array.from({ length: 60 }, (_, index) => ({
    type: 'removed',
    payload: { ...REMOVED.payload, seq: index + 1 },
  }))
  server.say([...removed, { type: 'caught_up', payload: { seq: 60, unread: 0, unseen: 0 } }])
  await server.listening.line((line) => line.startsWith('up to date'))
  expect(server.listening.lines.slice(-2)).toEqual([
    `#60  ${ID} is gone: recalled`,
    'up to date; waiting for more',
  ])
})

test('`listen --json` prints each frame as it came, one a line, also of arrays and of types that it does not know', async () => {
  await using server = await Scripted.start('--json')
  const { listening, socket } = server
  const unknown = '{ "type": "from_tomorrow",  "payload": 1.0 }'
  const numbered = { type: 'removed', payload: { ...REMOVED.payload, since: 'tomorrow' } }
  server.say(WELCOME)
  socket.send(unknown)
  server.say([GAP, numbered, CAUGHT_UP])
  await listening.line((line) => line.includes('caught_up'))
  expect(await listening.interrupt('SIGTERM')).toBe(0)
  expect(listening.lines).toEqual([
    JSON.stringify(WELCOME),
    unknown,
    JSON.stringify(GAP),
    JSON.stringify(numbered),
    JSON.stringify(CAUGHT_UP),
  ])
  expect(listening.errorLines).toEqual([])
  expect(server.heard.at(-1)).toEqual({ type: 'ack', payload: { seq: 8 } })
})

test.each([['4410', 'device_removed'], ['4403', 'disconnected'], ['1000']])(
  '`listen` exits 1 where the service closes it for good by %s',
  async (code, reason = '') => {
    await using server = await Scripted.start()
    server.say(WELCOME)
    await server.listening.line((line) => line.startsWith('connected'))
    server.socket.close(Number(code), reason)
    expect(await server.listening.exited).toBe(1)
    expect(server.listening.errorLines).toEqual([
      `posthorn: the service has closed the connection for good: ${code} ${reason}`.trimEnd(),
    ])
  },
)

test('`listen` exits 1 at once where its own token is none', async () => {
  await using listening = new Listening(['--user', 'alice', '--token', 'mine'])
  expect(await listening.exited).toBe(1)
  expect(listening.errorLines).toEqual(['posthorn: --token takes a JWT, and nothing around it'])
})

test('`listen` exits 1 where its own token has ended, says before that it will, and does not come back with it', async () => {
  await using server = await Scripted.start('--token', 'header.e30.signature')
  const expiresAt = '2026-11-22T10:01:00.000Z'
  server.say(WELCOME)
  server.say({ type: 'token_expiring', payload: { expiresAt } })
  await server.listening.errorLine((line) => line.includes(expiresAt))
  const payload = { code: 'token_expired', detail: 'The token has expired', retryable: false }
  server.say({ type: 'error', payload })
  server.socket.close(4401, 'token_expired')
  expect(await server.listening.exited).toBe(1)
  expect(server.listening.errorLines).toEqual([
    `the token expires at ${expiresAt}`,
    'token_expired: The token has expired',
    'posthorn: the service refuses the token: it has expired',
  ])
})
