import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient } from '../client.js'
import { startService, type TestService } from '../harness.js'

const MAX_FRAME_BYTES = 16 * 1024

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => service[Symbol.asyncDispose]())

/** A connection that has been told everything there is. */
async function connected(user = 'alice'): Promise<TestClient> {
  const client = await service.api.connect(user)
  await client.first('caught_up')
  return client
}

const ROWS: [string, string, string, string | undefined][] = [
  ['no JSON', '{"type":"ping","id":"m1"', 'malformed_message', undefined],
  ['nothing', '', 'malformed_message', undefined],
  ['a byte order mark', '\uFEFF{"type":"ping"}', 'malformed_message', undefined],
  ['no object', 'null', 'invalid_message', undefined],
  ['an array of commands', '[{"type":"ping","id":"m1"}]', 'invalid_message', undefined],
  ['no type', '{"id":"m1"}', 'invalid_message', 'm1'],
  ['a type that is no text', '{"type":5,"id":"m1"}', 'invalid_message', 'm1'],
  ['an id that is no text', '{"type":"ping","id":5}', 'invalid_message', undefined],
  [
    'an id of 65 characters',
    `{"type":"ping","id":"${'x'.repeat(65)}"}`,
    'invalid_message',
    undefined,
  ],
  ['no payload', '{"type":"ack","id":"m1"}', 'invalid_message', 'm1'],
  ['a field that is absent', '{"type":"ack","id":"m1","payload":{}}', 'invalid_message', 'm1'],
  ['a seq below 0', '{"type":"ack","id":"m1","payload":{"seq":-1}}', 'invalid_message', 'm1'],
  ['a seq as text', '{"type":"ack","id":"m1","payload":{"seq":"1"}}', 'invalid_message', 'm1'],
  ['no token', '{"type":"authenticate","id":"m1","payload":{}}', 'invalid_message', 'm1'],
  ['nothing to mark', '{"type":"mark","id":"m1"}', 'invalid_message', 'm1'],
  [
    'an unknown action',
    '{"type":"mark","id":"m1","payload":{"action":"burnt","upTo":1}}',
    'invalid_message',
    'm1',
  ],
  [
    'no id among ids',
    '{"type":"mark","id":"m1","payload":{"action":"read","ids":[]}}',
    'invalid_message',
    'm1',
  ],
  ['an unknown type', '{"type":"nonsense","id":"m1"}', 'unknown_type', 'm1'],
  ["a type of the server's", '{"type":"welcome","id":"m1"}', 'unknown_type', 'm1'],
  ['no topic', '{"type":"subscribe","id":"m1"}', 'invalid_message', 'm1'],
]

test.each(ROWS)(
  '%s: the connection hears what is wrong, and goes on',
  async (_what, text, code, id) => {
    await using client = await connected()
    client.socket.send(text)
    const error = await client.first('error')
    expect(error.id).toBe(id)
    expect(error.payload).toMatchObject({ code, retryable: false })
    // A wrong shape is told in detail, by pointers.
    expect(error.payload.errors === undefined).toBe(code !== 'invalid_message')
    await client.settled()
    expect(client.errors).toEqual([code])
  },
)

test('names each thing that is wrong with a shape by a pointer', async () => {
  await using client = await connected()
  client.send({ type: 'ack', payload: { seq: 'one' } })
  const { payload } = await client.first('error')
  expect(payload.errors).toMatchObject([{ pointer: '/payload/seq', code: 'invalid_type' }])
})

test('passes over fields that it does not know', async () => {
  await using client = await connected()
  client.send({ type: 'ping', id: 'm1', urgent: true, payload: { at: 1 } })
  expect(await client.first('pong')).toEqual({ type: 'pong', id: 'm1', payload: {} })
  client.send({ type: 'ack', id: 'm2', payload: { seq: 0, at: 1 } })
  expect(await client.first('reply')).toMatchObject({ id: 'm2', payload: { cursor: 0 } })
  expect(client.errors).toEqual([])
})

test('goes on after nine within a minute, and closes 4400 at the tenth', async () => {
  await using client = await connected()
  const texts = ['{', '[]', '{"type":"nonsense"}', '{"type":"ack"}']
  for (let count = 0; count < 9; count++) client.socket.send(texts[count % texts.length] ?? '')
  await client.settled()
  expect(client.errors).toHaveLength(9)
  client.socket.send('{')
  expect(await client.closed).toEqual({ code: 4400, reason: 'too_many_errors' })
  expect(client.errors.slice(9)).toEqual(['malformed_message', 'too_many_errors'])
})

test('counts them from the first frame on, before it knows who is calling', async () => {
  await using client = await TestClient.connect(service.url, {
    credential: 'none',
    device: 'phone',
  })
  for (let count = 0; count < 10; count++) client.socket.send('{')
  expect(await client.closed).toEqual({ code: 4400, reason: 'too_many_errors' })
})

test('does not count what was refused for its sense', async () => {
  await using client = await connected()
  for (let count = 0; count < 12; count++) client.acknowledge(1_000)
  await client.settled()
  expect(client.errors).toEqual(Array(12).fill('ack_ahead'))
})

/** A ping of so many bytes. */
function pingOf(bytes: number): string {
  const text = JSON.stringify({ type: 'ping', id: 'long', payload: '' })
  return text.replace('""', `"${'x'.repeat(bytes - text.length)}"`)
}

describe('a frame of 16 KiB', () => {
  test('exactly is taken', async () => {
    await using client = await connected()
    expect((await client.first('welcome')).payload.maxFrameBytes).toBe(MAX_FRAME_BYTES)
    expect(Buffer.byteLength(pingOf(MAX_FRAME_BYTES))).toBe(MAX_FRAME_BYTES)
    client.socket.send(pingOf(MAX_FRAME_BYTES))
    expect(await client.first('pong')).toMatchObject({ id: 'long' })
  })

  test('and one byte closes 1009', async () => {
    await using client = await connected()
    client.socket.send(pingOf(MAX_FRAME_BYTES + 1))
    expect((await client.closed).code).toBe(1009)
  })

  test('is counted in bytes, not characters', async () => {
    await using client = await connected()
    client.socket.send(`"${'ä'.repeat(MAX_FRAME_BYTES / 2)}"`)
    expect((await client.closed).code).toBe(1009)
  })

  test('is counted over all fragments of a message', async () => {
    await using client = await connected()
    const text = pingOf(MAX_FRAME_BYTES + 1)
    client.socket.send(text.slice(0, 10_000), { fin: false })
    client.socket.send(text.slice(10_000), { fin: true })
    expect((await client.closed).code).toBe(1009)
  })

  test('in fragments is taken as one', async () => {
    await using client = await connected()
    const text = pingOf(MAX_FRAME_BYTES)
    client.socket.send(text.slice(0, 10_000), { fin: false })
    client.socket.send(text.slice(10_000), { fin: true })
    expect(await client.first('pong')).toMatchObject({ id: 'long' })
  })
})

test('text that is no UTF-8 closes 1007 (RFC 6455 §8.1)', async () => {
  await using client = await connected()
  client.socket.send(Buffer.from([0x22, 0xff, 0xfe, 0x22]), { binary: false })
  expect((await client.closed).code).toBe(1007)
})

test('a frame without a mask closes 1002 (RFC 6455 §5.1)', async () => {
  await using client = await connected()
  client.socket.send('{"type":"ping"}', { mask: false })
  expect((await client.closed).code).toBe(1002)
})

test.each(['{"type":"ping"}', ''])(
  'a binary frame closes 1003, whatever it holds: %j',
  async (text) => {
    await using client = await connected()
    client.socket.send(Buffer.from(text))
    expect(await client.closed).toEqual({ code: 1003, reason: 'binary_not_supported' })
    expect(client.errors).toEqual(['binary_not_supported'])
  },
)
