import { afterAll, beforeAll, expect, test } from 'vitest'
import { startService, tokenFor, type TestService } from '../harness.js'
import { AsService } from '../http/as-service.js'
import type { TestClient } from '../client.js'

const SECOND = 1_000
const DAY = 24 * 60 * 60 * SECOND

/** Tokens outlive every step of the clock. */
const LONG = { ttlSeconds: 30 * 24 * 60 * 60 }

/** One service for all tests; its clock only goes forward. */
let now = Date.now()
let service: TestService
let shop: AsService

beforeAll(async () => {
  service = await startService({ clock: () => now, environment: { RETENTION_DAYS: '1' } })
  const claims = { scope: 'posthorn:send' }
  shop = await AsService.of(service.api, await tokenFor('shop', claims, LONG))
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

/** A device of a user, caught up. */
async function connect(user: string, device: string): Promise<TestClient> {
  const token = await tokenFor(user, {}, LONG)
  const client = await service.api.connect(user, { token, device })
  await client.first('caught_up')
  return client
}

test('what is recalled goes from a device that is there, with the counts as of then', async () => {
  await using phone = await connect('ann', 'phone')
  const { id } = await shop.send({ to: { user: 'ann' } })
  await shop.send({ to: { user: 'ann' } })
  await phone.received(2)
  await shop.recall(id)
  expect(await phone.first('removed')).toEqual({
    type: 'removed',
    payload: { seq: 3, id, reason: 'recalled', unread: 1, unseen: 1 },
  })
  await phone.acknowledgeAndWait(3)
})

test('what was recalled meanwhile a device drops when it comes back, whether it had it or not', async () => {
  const first = await connect('bea', 'tablet')
  const { id: had } = await shop.send({ to: { user: 'bea' } })
  await first.received(1)
  await first.acknowledgeAndWait(1)
  await first.close()
  const { id: never } = await shop.send({ to: { user: 'bea' } })
  await shop.recall(had)
  await shop.recall(never)

  await using tablet = await connect('bea', 'tablet')
  expect(tablet.entries).toEqual([
    { type: 'removed', payload: { seq: 3, id: had, reason: 'recalled' } },
    { type: 'removed', payload: { seq: 4, id: never, reason: 'recalled' } },
  ])
  expect((await tablet.first('welcome')).payload).toMatchObject({ unread: 0, unseen: 0 })
})

test('what has expired goes from a device that is there, and is never sent to one that comes later', async () => {
  await using phone = await connect('cat', 'phone')
  const { id } = await shop.send({ to: { user: 'cat' }, ttl: 60 })
  await phone.received(1)
  now += 61 * SECOND
  const { payload } = await phone.first('removed')
  expect(payload).toEqual({ seq: 2, id, reason: 'expired', unread: 0, unseen: 0 })

  const { id: unseen } = await shop.send({ to: { user: 'dan' }, ttl: 60 })
  now += 61 * SECOND
  await using late = await connect('dan', 'phone')
  expect(late.all('notification')).toEqual([])
  expect((await late.first('removed')).payload).toMatchObject({ id: unseen, reason: 'expired' })
})

test('a newer one takes the place of an older one of its key: who was away is sent it alone', async () => {
  await using phone = await connect('eve', 'phone')
  for (let number = 1; number <= 40; number++) {
    await shop.send({ to: { user: 'eve' }, collapseKey: 'order', title: String(number) })
  }
  await phone.received(40)
  await using tablet = await connect('eve', 'tablet')
  expect(tablet.entries).toMatchObject([
    {
      type: 'notification',
      payload: { seq: 40, notification: { title: '40', collapseKey: 'order', arrivedSeq: 40 } },
    },
  ])
  const counts = phone.all('notification').map(({ payload }) => [payload.unread, payload.unseen])
  expect(counts).toEqual(counts.map(() => [1, 1]))
})

test('the removal of one that had replaced another names its key, so that neither stays', async () => {
  const first = await connect('fay', 'tablet')
  await shop.send({ to: { user: 'fay' }, collapseKey: 'order' })
  await first.received(1)
  await first.acknowledgeAndWait(1)
  await first.close()
  const { id } = await shop.send({ to: { user: 'fay' }, collapseKey: 'order' })
  await shop.recall(id)
  await using tablet = await connect('fay', 'tablet')
  expect(tablet.entries).toEqual([
    { type: 'removed', payload: { seq: 3, id, collapseKey: 'order', reason: 'recalled' } },
  ])
})

test('what is to arrive later arrives when its time has come, and lives from then on', async () => {
  await using phone = await connect('gus', 'phone')
  const deliverAt = new Date(now + 60 * SECOND).toISOString()
  const { id } = await shop.send({ to: { user: 'gus' }, deliverAt, ttl: 60 })
  const { id: cancelled } = await shop.send({ to: { user: 'gus' }, deliverAt })
  await shop.recall(cancelled)
  now += 59 * SECOND
  await phone.settled()
  expect(phone.entries).toEqual([])
  now += SECOND
  await phone.received(1)
  now += 60 * SECOND
  expect((await phone.first('removed')).payload).toMatchObject({ id, reason: 'expired' })
  expect(phone.entries).toHaveLength(2)
})

test('what retention has removed is told by a gap to who missed it, and by the counts to who had it', async () => {
  await using phone = await connect('hal', 'phone')
  for (let number = 1; number <= 3; number++) await shop.send({ to: { user: 'hal' } })
  await phone.received(3)
  now += DAY + SECOND
  expect((await phone.first('counts')).payload).toEqual({ unread: 0, unseen: 0 })
  await shop.send({ to: { user: 'hal' } })
  await phone.received(4)

  await using tablet = await connect('hal', 'tablet')
  expect(tablet.messages.slice(1)).toMatchObject([
    { type: 'gap', payload: { from: 0, to: 3, reason: 'retention' } },
    { type: 'notification', payload: { seq: 4, replayed: true } },
    { type: 'caught_up', payload: { seq: 4, unread: 1, unseen: 1 } },
  ])
  // What it missed counts as passed.
  await tablet.acknowledgeAndWait(3)
})
