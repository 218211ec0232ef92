import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { TestClient, type ConnectOptions } from '../client.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'

let service: TestService
/** A device that was there before, and that hears nothing of what happens to the others. */
let bystander: TestClient

beforeAll(async () => {
  service = await startService()
  bystander = await service.api.connect('bystander')
  await bystander.first('caught_up')
})
afterAll(async () => {
  await bystander.cut()
  await service[Symbol.asyncDispose]()
})

afterEach(async () => {
  // Whatever ended a connection, the service goes on, for who is there and for who comes.
  const before = bystander.titles.length
  await service.api.send('bystander', 'goes on')
  await bystander.received(before + 1)
  await using next = await service.api.connect('newcomer')
  await next.first('caught_up')
})

type Act = (client: TestClient) => void | Promise<void>

interface Row {
  code: number
  error: string
  when: string
  options?: ConnectOptions | (() => Promise<ConnectOptions>)
  act?: Act
}

const page: ConnectOptions = { credential: 'subprotocol' }

const ROWS: Row[] = [
  {
    code: 1003,
    error: 'binary_not_supported',
    when: 'a frame is binary',
    act: ({ socket }) => socket.send(Buffer.from('{}')),
  },
  {
    code: 4400,
    error: 'too_many_errors',
    when: 'ten messages are not understood',
    act: ({ socket }) => Array.from({ length: 10 }).forEach(() => socket.send('{')),
  },
  {
    code: 4400,
    error: 'invalid_query',
    when: 'the query is wrong',
    options: { ...page, query: { batch: '1' } },
  },
  {
    code: 4400,
    error: 'epoch_required',
    when: 'a cursor has no epoch',
    options: { ...page, query: { cursor: '1' } },
  },
  {
    code: 4400,
    error: 'device_required',
    when: 'no device is named',
    options: { ...page, device: undefined },
  },
  {
    code: 4400,
    error: 'multiple_credentials',
    when: 'two tokens come',
    options: { credential: 'none', protocols: ['posthorn.v1', 'bearer.a', 'bearer.b'] },
  },
  {
    code: 4401,
    error: 'missing_token',
    when: 'the first message brings no token',
    options: { credential: 'none' },
    act: (client) => client.send({ type: 'ping' }),
  },
  {
    code: 4401,
    error: 'invalid_token',
    when: 'the token is not valid',
    options: { ...page, token: 'not.a.token' },
  },
  {
    code: 4401,
    error: 'token_expired',
    when: 'the token has expired',
    options: async () => ({ ...page, token: await tokenFor('alice', { exp: 1 }) }),
  },
  {
    code: 4403,
    error: 'insufficient_scope',
    when: 'the token is of a service',
    options: async () => ({ ...page, token: await serviceToken() }),
  },
  {
    code: 4403,
    error: 'device_not_allowed',
    when: 'the token serves another device',
    options: async () => ({ ...page, token: await tokenFor('alice', { device: 'tablet' }) }),
  },
  {
    code: 4403,
    error: 'principal_changed',
    when: 'the fresh token is of somebody else',
    act: async (client) =>
      client.send({ type: 'authenticate', payload: { token: await tokenFor('bob') } }),
  },
  {
    code: 4429,
    error: 'rate_limited',
    when: 'commands come too fast for too long',
    act: (client) => Array.from({ length: 101 }).forEach(() => client.send({ type: 'ping' })),
  },
]

test.each(ROWS)('$code $error, after an error that says so, when $when', async (row) => {
  const { code, error, options = {}, act } = row
  const own = typeof options === 'function' ? await options() : options
  await using client = await service.api.connect('alice', own)
  if (act) {
    if (own.credential !== 'none') await client.first('caught_up')
    await act(client)
  }
  expect(await client.closed).toEqual({ code, reason: error })
  expect(client.messages.at(-1)).toMatchObject({ type: 'error', payload: { code: error } })
})

test.each<[number, string, Act]>([
  [1009, 'a frame is over 16 KiB', ({ socket }) => socket.send('x'.repeat(16 * 1024 + 1))],
  [1007, 'text is no UTF-8', ({ socket }) => socket.send(Buffer.from([0xff]), { binary: false })],
  [1002, 'a frame is not masked', ({ socket }) => socket.send('{}', { mask: false })],
])('%i, by the WebSocket itself and without a message, when %s', async (code, _when, act) => {
  await using client = await service.api.connect('alice')
  await client.first('caught_up')
  await act(client)
  expect((await client.closed).code).toBe(code)
  expect(client.errors).toEqual([])
})

test.each([1000, 1001, 4999])(
  'gives %i back to a client that says goodbye with it',
  async (code) => {
    await using client = await service.api.connect('alice')
    await client.first('caught_up')
    client.socket.close(code, 'done')
    expect((await client.closed).code).toBe(code)
  },
)

test('sends nothing after the close, and takes nothing that comes after it', async () => {
  await service.api.sendMany('careless', 2)
  await using client = await service.api.connect('careless')
  await client.received(2)
  client.socket.send(Buffer.from('binary'))
  client.acknowledge(2, 'too late')
  expect((await client.closed).code).toBe(1003)
  expect(client.all('reply')).toEqual([])
  await using next = await service.api.connect('careless')
  await next.first('caught_up')
  expect(next.seqs).toEqual([1, 2])
})
