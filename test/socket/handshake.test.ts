import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestClient } from '../client.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { refusedHandshake } from './refused-handshake.js'

let service: TestService
let authorization: string

beforeAll(async () => {
  service = await startService()
  authorization = `Bearer ${await tokenFor('alice')}`
})
afterAll(async () => service[Symbol.asyncDispose]())

test('takes a client that offers no subprotocol', async () => {
  await using client = await service.api.connect('alice', { protocols: [] })
  expect((await client.first('welcome')).payload.user).toBe('alice')
  expect(client.socket.protocol).toBe('')
})

test('finds our subprotocol among others, wherever it stands', async () => {
  const protocols = ['mqtt', 'posthorn.v1', 'posthorn.v2']
  await using client = await service.api.connect('alice', { protocols })
  await client.first('welcome')
  expect(client.socket.protocol).toBe('posthorn.v1')
})

test.each(['graphql-ws, mqtt', 'posthorn.v2', 'POSTHORN.V1', 'bearer.e30.e30.AA'])(
  'refuses a client that offers other subprotocols only: %s',
  async (offered) => {
    const headers = { authorization, 'sec-websocket-protocol': offered }
    expect(await refusedHandshake(service.url, '/v1/socket?device=phone', headers)).toMatchObject({
      status: 400,
      problem: { code: 'unsupported_subprotocol' },
    })
  },
)

test.each([
  ['/v1/socket', 400, 'device_required'],
  ['/v1/socket?device=a/b', 400, 'invalid_query'],
  ['/v1/socket?device=a&device=b', 400, 'invalid_query'],
  ['/v1/socket?device=phone&cursor=1', 400, 'epoch_required'],
  ['/v1/socket?device=phone&cursor=-1&epoch=x', 400, 'invalid_query'],
  ['/v1/socket?device=phone&cursor=99999999999999999999&epoch=x', 400, 'invalid_query'],
  ['/v1/socket?device=phone&batch=yes', 400, 'invalid_query'],
  ['/v1/elsewhere', 404, 'not_found'],
])('refuses %s: %i %s', async (path, status, code) => {
  expect(await refusedHandshake(service.url, path, { authorization })).toMatchObject({
    status,
    problem: { code },
  })
})

test.each([
  [{ cursor: '1' }, 'epoch_required'],
  [{ batch: 'yes' }, 'invalid_query'],
])(
  'tells a page after the handshake what is wrong with %j: an error and 4400',
  async (query, code) => {
    await using client = await service.api.connect('alice', { credential: 'subprotocol', query })
    expect(await client.closed).toEqual({ code: 4400, reason: code })
    expect(client.errors).toEqual([code])
  },
)

test('lets unknown names in the query by', async () => {
  await using client = await service.api.connect('alice', { query: { theme: 'dark' } })
  expect((await client.first('welcome')).payload.user).toBe('alice')
})

test.each([
  ['sec-websocket-version', '12'],
  ['sec-websocket-key', 'short'],
])('refuses a handshake whose %s is %s by a problem', async (name, value) => {
  const headers = { authorization, [name]: value }
  expect(await refusedHandshake(service.url, '/v1/socket?device=phone', headers)).toMatchObject({
    status: 400,
    problem: { code: 'invalid_handshake' },
    // RFC 6455 §4.4: the version that is spoken here.
    headers: { 'sec-websocket-version': '13' },
  })
})

test('gives a refused handshake a request id, or the one that the client brings', async () => {
  const own = await refusedHandshake(service.url, '/v1/socket', { authorization })
  expect(own.headers['x-request-id']).toBe(own.problem.requestId)
  const headers = { authorization, 'x-request-id': 'brought-along-1' }
  const brought = await refusedHandshake(service.url, '/v1/socket', headers)
  expect(brought.headers['x-request-id']).toBe('brought-along-1')
  expect(brought.problem.requestId).toBe('brought-along-1')
})

test('says nothing before it knows who is calling', async () => {
  await using client = await TestClient.connect(service.url, {
    credential: 'none',
    device: 'phone',
  })
  client.send({ type: 'nonsense', id: 'first' })
  await client.first('error')
  expect(client.messages).toHaveLength(1)
  client.send({ type: 'authenticate', id: 'second', payload: { token: await tokenFor('alice') } })
  await client.first('caught_up')
  expect(client.messages.map(({ type }) => type)).toEqual([
    'error',
    'welcome',
    'reply',
    'caught_up',
  ])
})
