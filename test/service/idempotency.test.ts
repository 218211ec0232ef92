import { expect, test } from 'vitest'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor } from '../harness.js'

const body = { to: { user: 'alice' }, type: 'order.shipped', data: { order: 1, lines: [2, 3] } }

test('stores one notification for the same key and body, and gives its answer again', async () => {
  await using service = await startService()
  const { api } = service
  const options = { token: await serviceToken(), headers: { 'idempotency-key': 'order-1' } }
  const first = await api.post(body, options)
  const reordered = { data: { lines: [2, 3], order: 1 }, type: body.type, to: body.to }
  const second = await api.post(reordered, {
    ...options,
    headers: { 'idempotency-key': '"order-1"' },
  })

  expect([first.status, second.status]).toEqual([201, 201])
  expect(first.headers.get('idempotency-replayed')).toBeNull()
  expect(second.headers.get('idempotency-replayed')).toBe('true')
  expect(await second.json()).toEqual(await first.json())
  await using client = await api.connect('alice')
  await client.first('caught_up')
  expect(client.seqs).toEqual([1])
})

test('stores one notification when the same request comes fifty times at once', async () => {
  await using service = await startService()
  const { api } = service
  const options = { token: await serviceToken(), headers: { 'idempotency-key': 'at-once' } }
  const answers = await Promise.all(Array.from({ length: 50 }, () => api.post(body, options)))
  const receipts = await Promise.all(
    answers.map(async (answer) => SendReceipt.parse(await answer.json())),
  )

  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
  expect(new Set(receipts.map(({ id }) => id)).size).toBe(1)
  const firsts = answers.filter(({ headers }) => !headers.has('idempotency-replayed'))
  expect(firsts).toHaveLength(1)
  await using client = await api.connect('alice')
  await client.first('caught_up')
  expect(client.seqs).toEqual([1])
})

test('refuses the same key with another body, and keeps the first answer', async () => {
  await using service = await startService()
  const { api } = service
  const options = { token: await serviceToken(), headers: { 'idempotency-key': 'k' } }
  await api.post(body, options)
  const other = await api.post({ ...body, title: 'another' }, options)
  expect(other.status).toBe(422)
  expect(await other.json()).toMatchObject({ code: 'idempotency_key_reused' })
  expect((await api.post(body, options)).headers.get('idempotency-replayed')).toBe('true')
})

test('lets two services use the same key', async () => {
  await using service = await startService()
  const { api } = service
  const headers = { 'idempotency-key': 'shared' }
  const scope = 'posthorn:send'
  const tokens = [
    await tokenFor('shop', { scope }),
    await tokenFor('billing', { scope }),
    await tokenFor('shop', { scope, iss: 'https://issuer.example' }),
  ]
  for (const token of tokens) {
    const answer = await api.post(body, { token, headers })
    expect(answer.status).toBe(201)
    expect(answer.headers.has('idempotency-replayed')).toBe(false)
  }
})

test('forgets a key after a day, not before', async () => {
  let now = Date.now()
  await using service = await startService({ clock: () => now })
  const { api } = service
  const headers = { 'idempotency-key': 'k' }
  const day = 24 * 60 * 60 * 1000
  const token = await tokenFor('shop', { scope: 'posthorn:send' }, { ttlSeconds: 3 * 86_400 })
  await api.post(body, { token, headers })
  now += day - 1
  expect((await api.post(body, { token, headers })).headers.has('idempotency-replayed')).toBe(true)
  now += 1
  expect((await api.post(body, { token, headers })).headers.has('idempotency-replayed')).toBe(false)
})

test('keeps no answer of a request that was refused', async () => {
  await using service = await startService()
  const { api } = service
  const options = { token: await serviceToken(), headers: { 'idempotency-key': 'k' } }
  expect((await api.post({ ...body, type: 'not a type' }, options)).status).toBe(422)
  expect((await api.post(body, options)).status).toBe(201)
})

test.each(['', '"', '"a', 'ä', 'x'.repeat(256), '"\\x"'])(
  'refuses %j as an Idempotency-Key',
  async (key) => {
    await using service = await startService()
    const answer = await service.api.post(body, {
      token: await serviceToken(),
      headers: { 'idempotency-key': key },
    })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ code: 'invalid_idempotency_key' })
  },
)
