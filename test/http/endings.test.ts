import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  serviceToken,
  startService,
  temporaryFolder,
  tokenFor,
  type TestService,
} from '../harness.js'
import { AsService } from './as-service.js'
import { AsUser } from './as-user.js'
import { shortOf } from './problem-of.js'

const SECOND = 1_000

let now = Date.now()
let service: TestService
let shop: AsService

beforeAll(async () => {
  service = await startService({ clock: () => now, environment: { INBOX_LIMIT: '5' } })
  shop = await AsService.of(service.api)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

test('a send that arrives at once is answered 201, and one for later 202', async () => {
  const to = { user: 'ann' }
  const past = new Date(now - SECOND).toISOString()
  const atOnce = await shop.ask('POST', '/v1/notifications', { to, type: 't', deliverAt: past })
  expect(atOnce.status).toBe(201)
  const deliverAt = new Date(now + 60 * SECOND).toISOString()
  const later = await shop.ask('POST', '/v1/notifications', { to, type: 't', deliverAt, ttl: 60 })
  expect(later.status).toBe(202)
  const body: unknown = await later.json()
  expect(body).toMatchObject({
    status: 'scheduled',
    recipients: { total: 1, stored: 0 },
    expiresAt: new Date(now + 120 * SECOND).toISOString(),
  })
  expect(body).not.toHaveProperty('seq')
  expect((await (await AsUser.of(service.api, 'ann')).list()).items).toHaveLength(1)
})

test('what is due while the service is down arrives when it is up again', async () => {
  using folder = temporaryFolder()
  let time = Date.now()
  const start = () => startService({ folder: folder.path, clock: () => time })
  {
    await using before = await start()
    const sender = await AsService.of(before.api)
    const deliverAt = new Date(time + 60 * SECOND).toISOString()
    await sender.send({ to: { user: 'ann' }, deliverAt, title: 'due' })
  }
  time += 600 * SECOND
  await using after = await start()
  await using phone = await after.api.connect('ann')
  await phone.received(1)
  expect(phone.titles).toEqual(['due'])
})

describe('a recall', () => {
  test('takes the notification out of each inbox, and tells the same when it is asked again', async () => {
    await using phone = await service.api.connect('bea')
    const { id } = await shop.send({ to: { users: ['bea', 'ben'] } })
    await phone.received(1)
    await phone.acknowledgeAndWait(1)
    const answer = await shop.ask('DELETE', `/v1/notifications/${id}`)
    expect(answer.status).toBe(200)
    const receipt: unknown = await answer.json()
    expect(receipt).toEqual({ id, status: 'recalled', recipients: { total: 2, stored: 2 } })
    expect(await shop.recall(id)).toEqual(receipt)
    for (const name of ['bea', 'ben']) {
      const user = await AsUser.of(service.api, name)
      expect(await user.list({ filter: 'all' })).toMatchObject({ items: [], unread: 0, latest: 2 })
      expect((await user.ask(`/v1/inbox/${id}`)).status).toBe(404)
    }
    expect(await shop.overview(id)).toMatchObject({ id, status: 'recalled' })
    const { items } = await shop.deliveries(id)
    expect(items.map(({ user, status }) => [user, status])).toEqual([
      // What a device had received before it is known to have received.
      ['bea', 'delivered'],
      ['ben', 'recalled'],
    ])
  })

  test('of what is to arrive later keeps it from arriving', async () => {
    const deliverAt = new Date(now + 3_600 * SECOND).toISOString()
    const { id } = await shop.send({ to: { user: 'cat' }, deliverAt })
    expect(await shop.overview(id)).toMatchObject({ status: 'scheduled' })
    expect(await shop.recall(id)).toMatchObject({ recipients: { total: 1, stored: 0 } })
    expect(await shop.overview(id)).toMatchObject({ status: 'recalled' })
  })

  test('is for the service that sent it: to another it is answered as what does not exist', async () => {
    const { id } = await shop.send({ to: { user: 'dan' } })
    const absent = `/v1/notifications/01890a5d-ac96-774b-bcce-b302099a8057`
    const others = await tokenFor('warehouse', { scope: 'posthorn:send posthorn:read' })
    const asked = (path: string, token: string) =>
      service.api.request(path, { method: 'DELETE', token })
    expect(await shortOf(await asked(`/v1/notifications/${id}`, others))).toBe('404 not_found')
    expect(await shortOf(await asked(absent, others))).toBe('404 not_found')
    expect(await shortOf(await asked('/v1/notifications/x', others))).toBe('404 not_found')
    const reader = await serviceToken('posthorn:read')
    expect(await shortOf(await asked(`/v1/notifications/${id}`, reader))).toBe(
      '403 insufficient_scope',
    )
    expect((await (await AsUser.of(service.api, 'dan')).list()).items).toHaveLength(1)
  })
})

test('what has expired is told as such, before the sweep and after it', async () => {
  await using phone = await service.api.connect('eve')
  const { id } = await shop.send({ to: { user: 'eve' }, ttl: 60 })
  await phone.received(1)
  now += 61 * SECOND
  expect(await shop.overview(id)).toMatchObject({ status: 'expired' })
  expect((await shop.deliveries(id)).items).toMatchObject([{ status: 'expired' }])
  await phone.first('removed')
  expect((await shop.deliveries(id)).items).toMatchObject([{ status: 'expired' }])
  const user = await AsUser.of(service.api, 'eve')
  expect(await user.list()).toMatchObject({ items: [], unread: 0, unseen: 0 })
})

test('what is replaced is told as such, and the newer one stands in its place', async () => {
  const to = { user: 'fay' }
  const { id: older } = await shop.send({ to, collapseKey: 'order', title: 'packed' })
  const { id: newer } = await shop.send({ to, collapseKey: 'order', title: 'shipped' })
  expect((await shop.deliveries(older)).items).toMatchObject([{ status: 'replaced' }])
  expect((await shop.deliveries(newer)).items).toMatchObject([{ status: 'pending' }])
  const { items, unread } = await (await AsUser.of(service.api, 'fay')).list()
  expect(items.map(({ id, arrivedSeq }) => [id, arrivedSeq])).toEqual([[newer, 2]])
  expect(unread).toBe(1)
})

test('what was scheduled is as new as its arrival: it replaces what came before that', async () => {
  await using phone = await service.api.connect('ida')
  const to = { user: 'ida' }
  const deliverAt = new Date(now + 60 * SECOND).toISOString()
  await shop.send({ to, collapseKey: 'order', title: 'said first', deliverAt })
  const { id } = await shop.send({ to, collapseKey: 'order', title: 'said second' })
  now += 60 * SECOND
  await phone.received(2)
  expect(phone.titles).toEqual(['said second', 'said first'])
  expect((await shop.deliveries(id)).items).toMatchObject([{ status: 'replaced' }])
  expect((await (await AsUser.of(service.api, 'ida')).list()).items).toHaveLength(1)
})

test('`changes` tells of what was taken out by `removed`, as the socket does', async () => {
  const { id } = await shop.send({ to: { user: 'gus' }, collapseKey: 'a "key"' })
  await shop.send({ to: { user: 'gus' } })
  await shop.recall(id)
  const user = await AsUser.of(service.api, 'gus')
  const { epoch } = await user.counts()
  const page = await user.changes({ epoch, after: 0 })
  await using phone = await service.api.connect('gus')
  await phone.first('caught_up')
  expect(page.events).toEqual(phone.entries)
  expect(page.events.at(-1)).toEqual({
    type: 'removed',
    payload: { seq: 3, id, collapseKey: 'a "key"', reason: 'recalled' },
  })
  expect(page).toMatchObject({ next: 3, caughtUp: true, unread: 1, unseen: 1 })
})

test('`changes` begins with a gap where retention has removed what came next', async () => {
  await service.api.sendMany('hal', 8)
  const user = await AsUser.of(service.api, 'hal')
  const { epoch } = await user.counts()
  const first = await user.changes({ epoch, after: 1, limit: 2 })
  expect(first.events[0]).toEqual({
    type: 'gap',
    payload: { from: 1, to: 3, reason: 'retention' },
  })
  expect(first.events.slice(1)).toMatchObject([{ payload: { seq: 4 } }, { payload: { seq: 5 } }])
  expect(first).toMatchObject({ next: 5, caughtUp: false, unread: 5 })
  const second = await user.changes({ epoch, after: first.next })
  expect(second.events.map(({ type }) => type)).toEqual(Array(3).fill('notification'))
  expect(second.caughtUp).toBe(true)
  const edge = await user.changes({ epoch, after: 3 })
  expect(edge.events.map(({ type }) => type)).toEqual(Array(5).fill('notification'))
})

test('what retention has removed is told as removed', async () => {
  const [first, second] = await service.api.sendMany('jon', 6)
  const told = [first, second].map(async (receipt) => shop.deliveries(receipt?.id ?? ''))
  expect((await Promise.all(told)).map(({ items }) => items)).toMatchObject([
    [{ status: 'removed' }],
    [{ status: 'pending' }],
  ])
})
