import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BatchResult } from '../../src/protocol/batch.js'
import { NotificationOverview } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService
let token: string
beforeAll(async () => {
  service = await startService()
  token = await serviceToken()
})
afterAll(() => service[Symbol.asyncDispose]())

function post(body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const path = '/v1/notifications/batch'
  return service.api.request(path, { method: 'POST', token, body, headers })
}

/** The status that is answered to a body as it stands. */
async function statusOf(text: string): Promise<number> {
  const response = await fetch(new URL('/v1/notifications/batch', service.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: text,
  })
  await response.arrayBuffer()
  return response.status
}

async function sendAll(items: unknown[]): Promise<BatchResult> {
  const response = await post({ items })
  expect(response.status).toBe(200)
  return BatchResult.parse(await response.json())
}

/** Of each result its status, and the `seq` or the code. */
const short = ({ results }: BatchResult) =>
  results.map((result) => [
    result.index,
    result.status,
    'problem' in result ? result.problem.code : (result.notification.seq ?? null),
  ])

const to = (user: string) => ({ to: { user }, type: 'test' })

test('stores each item and answers for each, in their order, and devices hear of them', async () => {
  await using client = await service.api.connect('ann')
  await client.first('caught_up')
  const items = [1, 2, 3].map((number) => ({ ...to('ann'), title: String(number) }))
  const result = await sendAll([...items, { to: { users: ['ann', 'ben'] }, type: 'test' }])
  expect(short(result)).toEqual([
    [0, 201, 1],
    [1, 201, 2],
    [2, 201, 3],
    [3, 201, null],
  ])
  expect([result.succeeded, result.failed]).toEqual([4, 0])
  await client.received(4)
  expect(client.titles).toEqual(['1', '2', '3', ''])
})

test('lets one bad item harm no other, and says of each what is wrong', async () => {
  const result = await sendAll([
    to('bea'),
    null,
    { type: 'test' },
    { ...to('bea'), colour: 'red' },
    { ...to('bea'), ttl: -5 },
    { ...to('bea'), body: 'x'.repeat(66_000) },
    { ...to('bea'), idempotencyKey: 'ä' },
    to('bea'),
  ])
  expect(short(result)).toEqual([
    [0, 201, 1],
    [1, 422, 'invalid_request'],
    [2, 422, 'invalid_request'],
    [3, 422, 'invalid_request'],
    [4, 422, 'invalid_request'],
    [5, 413, 'payload_too_large'],
    [6, 422, 'invalid_request'],
    [7, 201, 2],
  ])
  expect([result.succeeded, result.failed]).toEqual([2, 6])
  const [, , noTarget, stranger] = result.results
  expect(noTarget).toMatchObject({ problem: { errors: [{ pointer: '/to', code: 'required' }] } })
  expect(stranger).toMatchObject({
    problem: { errors: [{ pointer: '/colour', code: 'unknown_field' }] },
  })
})

describe('a key of an item', () => {
  test('is of the key space of the header: the first answer again, and nothing stored twice', async () => {
    const single = await service.api.post(to('cat'), {
      token,
      headers: { 'idempotency-key': 'cat-1' },
    })
    const receipt: unknown = await single.json()
    const items = [{ ...to('cat'), idempotencyKey: 'cat-1' }, to('cat')]
    const result = await sendAll(items)
    expect(result.results[0]).toEqual({ index: 0, status: 201, notification: receipt })
    expect(short(result)[1]).toEqual([1, 201, 2])
    expect(short(await sendAll(items))).toEqual([
      [0, 201, 1],
      [1, 201, 3],
    ])
  })

  test('guards within the batch too: the same again is answered alike, another body is refused', async () => {
    const result = await sendAll([
      { ...to('dan'), idempotencyKey: 'dan-1' },
      { ...to('dan'), idempotencyKey: 'dan-1' },
      { ...to('dan'), idempotencyKey: 'dan-1', title: 'other' },
    ])
    expect(short(result)).toEqual([
      [0, 201, 1],
      [1, 201, 1],
      [2, 422, 'idempotency_key_reused'],
    ])
  })

  test('is not the header, which is refused for a batch', async () => {
    const response = await post({ items: [to('eve')] }, { 'idempotency-key': 'eve-1' })
    expect(await shortOf(response)).toBe('400 idempotency_key_in_items')
    const inbox = await service.api.request('/v1/inbox', { token: await tokenFor('eve') })
    expect(await inbox.json()).toMatchObject({ latest: 0 })
  })

  test('is no part of the notification, and no field of a single send', async () => {
    const result = await sendAll([{ ...to('fay'), idempotencyKey: 'fay-1' }])
    const [stored] = result.results
    const id = stored && 'notification' in stored ? stored.notification.id : ''
    const response = await service.api.request(`/v1/notifications/${id}`, { token })
    const overview = NotificationOverview.parse(await response.json())
    expect(JSON.stringify(overview)).not.toContain('fay-1')
    const single = await service.api.post({ ...to('fay'), idempotencyKey: 'x' }, { token })
    expect(await shortOf(single)).toBe('422 invalid_request /idempotencyKey:unknown_field')
  })
})

test.each<[unknown, string]>([
  [{ items: [] }, '422 invalid_request /items:invalid_value'],
  [{ items: Array(501).fill(to('gus')) }, '422 invalid_request /items:invalid_value'],
  [{}, '422 invalid_request /items:required'],
  [{ items: {} }, '422 invalid_request /items:invalid_type'],
  [[to('gus')], '422 invalid_request :invalid_type'],
  [{ items: [to('gus')], atomic: true }, '422 invalid_request /atomic:unknown_field'],
])('refuses what is no batch as a whole (case %#)', async (body, answer) => {
  expect(await shortOf(await post(body))).toBe(answer)
})

test('takes 500 items and 4 MiB, and not a byte more', async () => {
  const most = await sendAll(Array.from({ length: 500 }, (_, index) => to(`user-${index % 7}`)))
  expect([most.succeeded, most.failed]).toEqual([500, 0])
  const items = Array.from({ length: 70 }, () => ({ ...to('hal'), body: 'x'.repeat(59_000) }))
  const room = 4 * 1024 * 1024 - JSON.stringify({ items }).length
  const whole = [...items, { ...to('hal'), title: 'x'.repeat(Math.max(0, room - 50)) }]
  const left = 4 * 1024 * 1024 - JSON.stringify({ items: whole }).length
  const exact = JSON.stringify({ items: whole }) + ' '.repeat(left)
  expect([await statusOf(exact), await statusOf(`${exact} `)]).toEqual([200, 413])
})
