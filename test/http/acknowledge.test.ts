import { afterAll, beforeAll, expect, test } from 'vitest'
import { DeliveryList } from '../../src/protocol/deliveries.js'
import { serviceToken, startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { shortOf } from './problem-of.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/** A user with so many notifications, and a phone that has opened a socket and acknowledged nothing. */
async function userWithPhone(name: string, count: number) {
  const receipts = await service.api.sendMany(name, count)
  await using client = await service.api.connect(name)
  const { epoch } = (await client.first('welcome')).payload
  return { user: await AsUser.of(service.api, name), epoch, ids: receipts.map(({ id }) => id) }
}

/** What became of a notification, by device. */
async function deliveries(id = ''): Promise<[string | null, string][]> {
  const token = await serviceToken()
  const response = await service.api.request(`/v1/notifications/${id}/deliveries`, { token })
  const { items } = DeliveryList.parse(await response.json())
  return items.map(({ device, status }) => [device, status])
}

/** Where a device stands, and what it is sent. */
async function replayed(name: string, device = 'phone'): Promise<[number, number[]]> {
  await using client = await service.api.connect(name, { device })
  await client.first('caught_up')
  return [(await client.first('welcome')).payload.cursor, client.seqs]
}

test('an acknowledgement over HTTP moves the cursor, and the next socket starts there', async () => {
  const { user, epoch } = await userWithPhone('alice', 3)
  expect(await user.acknowledge({ device: 'phone', seq: 2, epoch })).toEqual({ cursor: 2 })
  expect(await replayed('alice')).toEqual([2, [3]])
})

test('an acknowledgement over HTTP records the deliveries that it covers, for that device alone', async () => {
  const { user, epoch, ids } = await userWithPhone('bob', 3)
  await replayed('bob', 'laptop')
  await user.acknowledge({ device: 'phone', seq: 2, epoch })
  for (const id of ids.slice(0, 2)) {
    expect(await deliveries(id)).toEqual([
      ['phone', 'delivered'],
      ['laptop', 'pending'],
    ])
  }
  expect(await deliveries(ids[2])).toEqual([
    ['phone', 'pending'],
    ['laptop', 'pending'],
  ])
})

test('an acknowledgement over HTTP never moves a cursor back', async () => {
  const { user, epoch } = await userWithPhone('carol', 3)
  expect(await user.acknowledge({ device: 'phone', seq: 0, epoch })).toEqual({ cursor: 0 })
  expect(await user.acknowledge({ device: 'phone', seq: 3, epoch })).toEqual({ cursor: 3 })
  expect(await user.acknowledge({ device: 'phone', seq: 1, epoch })).toEqual({ cursor: 3 })
  expect(await replayed('carol')).toEqual([3, []])
})

test('an acknowledgement over HTTP makes no device', async () => {
  const [receipt] = await service.api.sendMany('dave', 1)
  const user = await AsUser.of(service.api, 'dave')
  const { epoch } = await user.counts()
  const body = { device: 'phone', seq: 1, epoch }
  expect(await shortOf(await user.post('/v1/inbox/ack', body))).toBe('404 not_found')
  expect(await deliveries(receipt?.id)).toEqual([[null, 'pending']])

  // Another device of theirs, and a phone of others, change nothing in that.
  await replayed('dave', 'laptop')
  expect(await shortOf(await user.post('/v1/inbox/ack', body))).toBe('404 not_found')
  expect(await replayed('dave')).toEqual([0, [1]])

  const nobody = await AsUser.of(service.api, 'nobody')
  const answer = await nobody.post('/v1/inbox/ack', { ...body, seq: 0 })
  expect(await shortOf(answer)).toBe('404 not_found')
})

test('refuses an acknowledgement ahead of the log, of another epoch or of none, and moves nothing', async () => {
  const { user, epoch, ids } = await userWithPhone('erin', 2)
  const refusals: [unknown, string][] = [
    [{ device: 'phone', seq: 3, epoch }, '409 ack_ahead'],
    [{ device: 'phone', seq: Number.MAX_SAFE_INTEGER, epoch }, '409 ack_ahead'],
    [{ device: 'phone', seq: 1, epoch: `${epoch}x` }, '409 epoch_mismatch'],
    [{ device: 'phone', seq: 1 }, '400 epoch_required'],
  ]
  for (const [body, refusal] of refusals) {
    expect([body, await shortOf(await user.post('/v1/inbox/ack', body))]).toEqual([body, refusal])
  }
  expect(await replayed('erin')).toEqual([0, [1, 2]])
  expect(await deliveries(ids[0])).toEqual([['phone', 'pending']])
})

test.each<[unknown, string]>([
  [[], ':invalid_type'],
  [{}, '/device:required /seq:required'],
  [{ device: 'a b', seq: 1, epoch: 'e' }, '/device:invalid_value'],
  [{ device: 'phone', seq: -1, epoch: 'e' }, '/seq:invalid_value'],
  [{ device: 'phone', seq: '1', epoch: 'e' }, '/seq:invalid_type'],
  [{ device: 'phone', seq: 1, epoch: '' }, '/epoch:invalid_value'],
  [{ device: 'phone', seq: 1, epoch: 'e', more: 1 }, '/more:unknown_field'],
])('refuses %j as an acknowledgement', async (body, violations) => {
  const user = await AsUser.of(service.api, 'alice')
  const answer = await shortOf(await user.post('/v1/inbox/ack', body))
  expect(answer).toBe(`422 invalid_request ${violations}`)
})

test('a token that is bound to a device acknowledges for that device alone', async () => {
  const { epoch } = await userWithPhone('frank', 2)
  await replayed('frank', 'laptop')
  const bound = await AsUser.of(service.api, 'frank', { device: 'phone' })
  const refused = await bound.post('/v1/inbox/ack', { device: 'laptop', seq: 1, epoch })
  expect(await shortOf(refused)).toBe('403 device_not_allowed')
  expect(await bound.acknowledge({ device: 'phone', seq: 1, epoch })).toEqual({ cursor: 1 })
  expect(await replayed('frank', 'laptop')).toEqual([0, [1, 2]])
})
