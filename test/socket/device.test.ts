import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestClient, type ConnectOptions } from '../client.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { refusedHandshake } from './refused-handshake.js'

const AFTER_THE_HANDSHAKE = ['subprotocol', 'first-message'] as const
const WAYS = ['header', ...AFTER_THE_HANDSHAKE] as const

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => service[Symbol.asyncDispose]())

function connect(options: ConnectOptions): Promise<TestClient> {
  return TestClient.connect(service.url, options)
}

test.each(WAYS)('is the one that the query names (token by %s)', async (credential) => {
  await using client = await connect({
    token: await tokenFor('alice'),
    credential,
    device: 'A-z_0.9:x',
  })
  expect((await client.first('welcome')).payload.device).toBe('A-z_0.9:x')
})

test.each(WAYS)('is the one that the token names (token by %s)', async (credential) => {
  const token = await tokenFor('alice', { device: 'tablet' })
  await using silent = await connect({ token, credential })
  expect((await silent.first('welcome')).payload.device).toBe('tablet')
  await using agreeing = await connect({ token, credential, device: 'tablet' })
  expect((await agreeing.first('welcome')).payload.device).toBe('tablet')
})

describe('where neither names one', () => {
  test('the header is answered 400 device_required', async () => {
    const authorization = `Bearer ${await tokenFor('alice')}`
    expect(await refusedHandshake(service.url, '/v1/socket', { authorization })).toMatchObject({
      status: 400,
      problem: { code: 'device_required' },
    })
  })

  test.each(AFTER_THE_HANDSHAKE)('%s hears device_required and 4400', async (credential) => {
    await using client = await connect({ token: await tokenFor('alice'), credential })
    expect(await client.closed).toEqual({ code: 4400, reason: 'device_required' })
    expect(client.errors).toEqual(['device_required'])
  })
})

describe('where the token serves another one', () => {
  test('the header is answered 403 device_not_allowed', async () => {
    const authorization = `Bearer ${await tokenFor('alice', { device: 'tablet' })}`
    const path = '/v1/socket?device=phone'
    expect(await refusedHandshake(service.url, path, { authorization })).toMatchObject({
      status: 403,
      problem: { code: 'device_not_allowed' },
    })
  })

  test.each(AFTER_THE_HANDSHAKE)('%s hears device_not_allowed and 4403', async (credential) => {
    const token = await tokenFor('alice', { device: 'tablet' })
    await using client = await connect({ token, credential, device: 'phone' })
    expect(await client.closed).toEqual({ code: 4403, reason: 'device_not_allowed' })
    expect(client.errors).toEqual(['device_not_allowed'])
  })
})

test.each(['a/b', '', 'x'.repeat(129), 'ü'])('is not %j: 400 over the header', async (device) => {
  const authorization = `Bearer ${await tokenFor('alice')}`
  const path = `/v1/socket?device=${encodeURIComponent(device)}`
  expect(await refusedHandshake(service.url, path, { authorization })).toMatchObject({
    status: 400,
    problem: { code: 'invalid_query', errors: [{ pointer: '/device' }] },
  })
})

test('has connections as many as it likes, each with a name of its own and all that comes', async () => {
  const { api } = service
  await using one = await api.connect('twins')
  await using two = await api.connect('twins')
  await Promise.all([one.first('caught_up'), two.first('caught_up')])
  const names = [one, two].map((client) => client.all('welcome')[0]?.payload.connection)
  expect(new Set(names).size).toBe(2)

  await api.send('twins', 'to both')
  await Promise.all([one.received(1), two.received(1)])
  // The cursor is the device's: what one acknowledges the other need not.
  await one.acknowledgeAndWait(1)
  await Promise.all([one.cut(), two.cut()])
  await using later = await api.connect('twins')
  await later.first('caught_up')
  expect(later.seqs).toEqual([])
})
