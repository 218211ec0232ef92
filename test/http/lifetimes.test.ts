import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BatchResult } from '../../src/protocol/batch.js'
import { NotificationOverview, SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { shortOf } from './problem-of.js'

// What a send says of its time: ttl, collapse key and deliverAt. The clock stands where the tests put it: before the tokens
// expire.

const START = Date.UTC(2026, 2, 29, 0, 30)
const DAY_MS = 24 * 60 * 60 * 1000

let now = START
let service: TestService
let token: string

beforeAll(async () => {
  service = await startService({ clock: () => now })
  token = await serviceToken('posthorn:send posthorn:read posthorn:broadcast')
})
afterAll(() => service[Symbol.asyncDispose]())

const at = (milliseconds: number): string => new Date(milliseconds).toISOString()
const to = (user: string, more: object = {}) => ({ to: { user }, type: 'test', ...more })

function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
  return service.api.post(body, { token, headers })
}

/** The status of the answer, and the receipt. */
async function sent(body: object): Promise<{ http: number } & SendReceipt> {
  const response = await post(body)
  return { http: response.status, ...SendReceipt.parse(await response.json()) }
}

async function overview(id: string): Promise<NotificationOverview> {
  const response = await service.api.request(`/v1/notifications/${id}`, { token })
  return NotificationOverview.parse(await response.json())
}

test('a ttl is told as the time at which it ends, in the receipt and wherever the notification is read', async () => {
  const { http, id, ...receipt } = await sent(to('ann', { ttl: 86_400 }))
  const expiresAt = at(now + DAY_MS)
  expect(http).toBe(201)
  expect(receipt).toEqual({
    status: 'stored',
    seq: 1,
    recipients: { total: 1, stored: 1 },
    createdAt: at(now),
    expiresAt,
  })
  expect(await overview(id)).toMatchObject({ status: 'stored', expiresAt })
  const ann = await AsUser.of(service.api, 'ann')
  expect(await ann.one(id)).toMatchObject({ expiresAt, collapseKey: null })
  expect((await ann.list()).items).toMatchObject([{ id, expiresAt }])
})

test('the collapse key stands in the notification, and the newer one takes the place of the older', async () => {
  const key = 'order 8812 — 📦'
  const first = await sent(to('ben', { collapseKey: key }))
  await sent(to('ben', { title: 'between' }))
  const second = await sent(to('ben', { collapseKey: key }))
  expect([first.seq, second.seq]).toEqual([1, 3])
  const ben = await AsUser.of(service.api, 'ben')
  const { items, unread, latest } = await ben.list()
  expect(items.map(({ id, collapseKey }) => [id, collapseKey])).toEqual([
    [second.id, key],
    [items[1]?.id, null],
  ])
  expect([unread, latest]).toEqual([2, 3])
  expect((await ben.ask(`/v1/inbox/${first.id}`)).status).toBe(404)
  // For its sender it is what it was: stored, and then replaced.
  expect(await overview(first.id)).toMatchObject({ status: 'stored', collapseKey: key })
})

test('one sent to several takes the place in each inbox by itself', async () => {
  await sent(to('cat', { collapseKey: 'k', title: 'for cat' }))
  await sent({ to: { users: ['cat', 'dan'] }, type: 'test', collapseKey: 'k', title: 'for both' })
  for (const user of ['cat', 'dan']) {
    const { items } = await (await AsUser.of(service.api, user)).list()
    expect(items.map(({ title }) => title)).toEqual(['for both'])
  }
})

describe('deliverAt', () => {
  test('in the future is answered 202, stored nowhere yet, and tells how many are meant', async () => {
    const { http, id, ...receipt } = await sent({
      to: { users: ['eve', 'fay', 'eve'] },
      type: 'test',
      ttl: 60,
      deliverAt: at(now + DAY_MS),
    })
    expect(http).toBe(202)
    expect(receipt).toEqual({
      status: 'scheduled',
      recipients: { total: 2, stored: 0 },
      createdAt: at(now),
      expiresAt: at(now + DAY_MS + 60_000),
    })
    expect(await overview(id)).toMatchObject({
      status: 'scheduled',
      recipients: { total: 2, stored: 0 },
    })
    const deliveries = await service.api.request(`/v1/notifications/${id}/deliveries`, { token })
    expect(await deliveries.json()).toEqual({ items: [], nextPage: null })
    const eve = await AsUser.of(service.api, 'eve')
    expect(await eve.counts()).toMatchObject({ latest: 0 })
    expect((await eve.ask(`/v1/inbox/${id}`)).status).toBe(404)
  })

  test.each([
    ['now', START],
    ['a moment ago', START - 1],
    ['long ago', 0],
  ])('%s is sent at once, 201', async (_what, deliverAt) => {
    const { http, status, seq } = await sent(to(`gus-${deliverAt}`, { deliverAt: at(deliverAt) }))
    expect([http, status, seq]).toEqual([201, 'stored', 1])
  })

  test('that has passed is where a ttl counts from, which may be over', async () => {
    const deliverAt = at(now - 10_000)
    const alive = await sent(to('hanna', { deliverAt, ttl: 60 }))
    expect(alive).toMatchObject({ http: 201, status: 'stored', expiresAt: at(now + 50_000) })
    const over = await sent(to('hanna', { deliverAt, ttl: 10 }))
    expect(over).toMatchObject({ http: 202, status: 'expired', expiresAt: at(now) })
    expect(over.recipients).toEqual({ total: 1, stored: 0 })
    expect(over.seq).toBeUndefined()
    expect((await overview(over.id)).status).toBe('expired')
    const hanna = await AsUser.of(service.api, 'hanna')
    expect((await hanna.list()).items.map(({ id }) => id)).toEqual([alive.id])
  })

  test.each([
    ['2026-03-29T01:30:00+01:00', 201],
    ['2026-03-29T01:30:01+01:00', 202],
    ['2026-03-28T17:15:00-07:15', 201],
    ['2026-03-28T17:15:00.001-07:15', 202],
    ['2026-03-29T00:30:00.0001Z', 201],
  ])('%s is read with its offset: %d', async (deliverAt, status) => {
    expect((await post(to('hal', { deliverAt }))).status).toBe(status)
  })

  test('is at most a year ahead, also where the year is a leap year', async () => {
    const YEAR_MS = 366 * DAY_MS
    expect((await post(to('ida', { deliverAt: at(now + YEAR_MS) }))).status).toBe(202)
    expect(await shortOf(await post(to('ida', { deliverAt: at(now + YEAR_MS + 1) })))).toBe(
      '422 invalid_request /deliverAt:invalid_value',
    )
  })

  test('reaches the user when its time has come, with the ids and times that were told', async () => {
    const { id, createdAt } = await sent(to('jan', { title: 'later', deliverAt: at(now + 5_000) }))
    await using phone = await service.api.connect('jan')
    await phone.first('caught_up')
    expect(phone.titles).toEqual([])
    now += 5_000
    const [message] = await phone.received(1)
    expect(message?.payload).toMatchObject({
      seq: 1,
      replayed: false,
      unread: 1,
      notification: { id, createdAt, title: 'later' },
    })
    expect(await overview(id)).toMatchObject({
      status: 'stored',
      recipients: { total: 1, stored: 1 },
    })
  })
})

describe('of an entry whose ttl has passed', () => {
  test('the status is expired, its deliveries say so, and inbox and counts lose it together', async () => {
    await using had = await service.api.connect('kim', { device: 'had' })
    await had.first('caught_up')
    const { id } = await sent(to('kim', { ttl: 10 }))
    await had.acknowledgeAndWait(1)
    await using open = await service.api.connect('kim', { device: 'open' })
    await open.first('caught_up')
    now += 10_000
    expect((await overview(id)).status).toBe('expired')
    await open.first('removed')
    expect(open.all('removed').map(({ payload }) => payload)).toEqual([
      { seq: 2, id, reason: 'expired', unread: 0, unseen: 0 },
    ])
    const deliveries = await service.api.request(`/v1/notifications/${id}/deliveries`, { token })
    expect(await deliveries.json()).toMatchObject({
      items: [
        { device: 'had', status: 'delivered' },
        { device: 'open', status: 'expired', deliveredAt: null },
      ],
    })
    const kim = await AsUser.of(service.api, 'kim')
    expect(await kim.list({ filter: 'all' })).toMatchObject({ items: [], unread: 0, unseen: 0 })
    expect((await kim.ask(`/v1/inbox/${id}`)).status).toBe(404)
  })
})

test('null stands for absent, and the longest of each is taken', async () => {
  const nothing = { ttl: null, collapseKey: null, deliverAt: null }
  expect(await sent(to('mia', nothing))).toMatchObject({ http: 201, expiresAt: null })
  const most = { ttl: 315_360_000, collapseKey: '😀'.repeat(128) }
  expect(await sent(to('mia', most))).toMatchObject({ http: 201, seq: 2 })
})

test('a key guards a scheduled send too: 202 again, also when its time has passed, and sent once', async () => {
  const headers = { 'idempotency-key': 'reminder-7' }
  const body = to('ned', { ttl: 60, collapseKey: 'k', deliverAt: at(now + 5_000) })
  const first = await post(body, headers)
  const receipt: unknown = await first.json()
  expect([first.status, first.headers.get('idempotency-replayed')]).toEqual([202, null])
  await using phone = await service.api.connect('ned')
  await phone.first('caught_up')
  now += 6_000
  await phone.received(1)
  const again = await post(body, headers)
  expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true'])
  expect(await again.json()).toEqual(receipt)
  for (const other of [{ ttl: 61 }, { collapseKey: 'l' }, { deliverAt: at(now) }, { ttl: null }]) {
    expect(await shortOf(await post({ ...body, ...other }, headers))).toBe(
      '422 idempotency_key_reused',
    )
  }
  expect(await (await AsUser.of(service.api, 'ned')).counts()).toMatchObject({ latest: 1 })
})

test('items of a batch have these fields too, each with the status that it would have alone', async () => {
  const response = await service.api.request('/v1/notifications/batch', {
    method: 'POST',
    token,
    body: {
      items: [
        to('ola', { ttl: 60, collapseKey: 'k' }),
        to('ola', { deliverAt: at(now + DAY_MS), idempotencyKey: 'ola-1' }),
        to('ola', { deliverAt: at(now + DAY_MS), idempotencyKey: 'ola-1' }),
        to('ola', { deliverAt: at(now + 400 * DAY_MS) }),
        to('ola', { collapseKey: 'k' }),
        { to: { everyone: true }, type: 'test' },
      ],
    },
  })
  expect(response.status).toBe(200)
  const { results, ...sums } = BatchResult.parse(await response.json())
  expect(sums).toEqual({ succeeded: 5, failed: 1 })
  const receipts = results.map((result) => ('notification' in result ? result.notification : null))
  expect(results.map(({ status }, index) => [status, receipts[index]?.status])).toEqual([
    [201, 'stored'],
    [202, 'scheduled'],
    [202, 'scheduled'],
    [422, undefined],
    [201, 'stored'],
    [202, 'fanning_out'],
  ])
  expect(receipts[2]).toEqual(receipts[1])
  expect(results[3]).toMatchObject({
    problem: { code: 'invalid_request', errors: [{ pointer: '/deliverAt' }] },
  })
})
