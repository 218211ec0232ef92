import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest'
import { createClient, type PosthornClient } from '../../src/server-client/client.js'
import type { SendReceipt } from '../../src/protocol/send.js'
import type { Sent } from '../../src/server-client/notifications.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { errorOf } from './client-of.js'
import { CuttingProxy } from './cutting-proxy.js'
import { FakeTime } from './fake-time.js'

const SCOPE = 'posthorn:send posthorn:broadcast posthorn:read posthorn:topics posthorn:users'

const freshToken = () => serviceToken(SCOPE)

let service: TestService
let client: PosthornClient

beforeAll(async () => {
  service = await startService({ environment: { MAX_DEVICES_PER_USER: '200' } })
  client = createClient({ url: service.url, token: freshToken })
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

const titlesOf = async (user: string) =>
  (await client.users.inbox(user, { limit: 100 })).items.map(({ title }) => title)

/** A client behind a proxy that cuts so many answers of the service. */
async function behind(cuts: number) {
  const proxy = await CuttingProxy.start(service.url, { cuts })
  const { environment } = new FakeTime({ newKey: () => crypto.randomUUID() })
  return {
    proxy,
    client: createClient({ url: proxy.url, token: freshToken }, environment),
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  }
}

test('sends, and gives the first answer again for the same key', async () => {
  const sending = { to: { user: 'alice' }, type: 'greeting', title: 'Hello', data: { a: [1] } }
  const first = await client.send(sending, { idempotencyKey: 'greeting "1"' })
  expect(first).toMatchObject({ status: 'stored', seq: 1, replayed: false })
  const second = await client.send(sending, { idempotencyKey: 'greeting "1"' })
  expect(second).toEqual({ ...first, replayed: true })
  const other = client.send({ ...sending, title: 'Bye' }, { idempotencyKey: 'greeting "1"' })
  expect((await errorOf(other)).code).toBe('idempotency_key_reused')
  expect(await titlesOf('alice')).toEqual(['Hello'])
  expectTypeOf<Sent['recipients']>().toEqualTypeOf<SendReceipt['recipients']>()
})

test('a send whose answers are cut after the service has stored it is stored once', async () => {
  await using cutting = await behind(2)
  const sent = await cutting.client.send({ to: { user: 'bob' }, type: 'greeting', title: 'Once' })
  expect(cutting.proxy.cut).toBe(2)
  expect(sent).toMatchObject({ status: 'stored', seq: 1, replayed: true })
  expect(await titlesOf('bob')).toEqual(['Once'])
})

test('a batch whose answers are cut after the service has stored it is stored once', async () => {
  await using cutting = await behind(2)
  const titles = ['one', 'two', 'three']
  const items = titles.map((title) => ({ to: { user: 'carol' }, type: 'greeting', title }))
  const { succeeded, results } = await cutting.client.sendBatch(items)
  expect([succeeded, cutting.proxy.cut]).toEqual([3, 2])
  expect(results.map((result) => 'notification' in result && result.notification.seq)).toEqual([
    1, 2, 3,
  ])
  expect(await titlesOf('carol')).toEqual(titles.toReversed())
})

test('a batch of more than one request keeps its order, and each item its own answer', async () => {
  const items = Array.from({ length: 501 }, (_, index) => ({
    to: { user: 'dave' },
    type: index === 250 ? 'not a type' : 'greeting',
    title: String(index),
  }))
  const { results, ...sums } = await client.sendBatch(items)
  expect(sums).toEqual({ succeeded: 500, failed: 1 })
  expect(results[250]).toMatchObject({
    error: { code: 'invalid_request', status: 422, errors: [{ pointer: '/type' }] },
  })
  const seqs = results.flatMap((result) =>
    'notification' in result ? [result.notification.seq] : [],
  )
  expect(seqs).toEqual(Array.from({ length: 500 }, (_, index) => index + 1))
})

test('a recall, and a removal of a device, whose answers are cut are done', async () => {
  await using cutting = await behind(1)
  const { id } = await client.send({ to: { user: 'erin' }, type: 'greeting' })
  expect(await cutting.client.recall(id)).toMatchObject({ id, status: 'recalled' })
  expect((await client.status(id)).status).toBe('recalled')
  expect((await all(client.deliveries(id))).map(({ status }) => status)).toEqual(['recalled'])

  await using device = await service.api.connect('erin')
  await device.first('caught_up')
  await using again = await behind(1)
  await again.client.users.removeDevice('erin', 'phone')
  expect(await all(client.users.devices('erin'))).toEqual([])
  const error = await errorOf(client.users.removeDevice('erin', 'phone'))
  expect(error).toMatchObject({ code: 'not_found', attempts: 1 })
})

test('deliveries come of all users, however many pages they fill', async () => {
  const users = Array.from({ length: 230 }, (_, index) => `of-many-${index}`)
  const { id } = await client.send({ to: { users }, type: 'greeting' })
  const deliveries = await all(client.deliveries(id))
  expect(new Set(deliveries.map(({ user }) => user))).toEqual(new Set(users))
  expect(deliveries).toHaveLength(230)
  expect(await client.status(id)).toMatchObject({ recipients: { total: 230, stored: 230 } })
  const unknown = client.status('01a205a4-f684-7159-8251-0ba1ed83d765')
  expect(await errorOf(unknown)).toMatchObject({ code: 'not_found', status: 404 })
})

test('topics: subscribed one by one and many at once, listed over all pages, ended', async () => {
  await client.topics.subscribe('news/eu', 'frank & sons')
  const add = Array.from({ length: 120 }, (_, index) => `reader-${index}`)
  const changed = { added: 120, removed: 0 }
  expect(await client.topics.changeSubscribers('news/eu', { add })).toEqual(changed)
  await client.topics.unsubscribe('news/eu', 'reader-7')
  const subscribers = await all(client.topics.subscribers('news/eu'))
  expect(new Set(subscribers.map(({ user }) => user))).toEqual(
    new Set(['frank & sons', ...add.filter((user) => user !== 'reader-7')]),
  )
  const topics = await all(client.topics.topicsOf('frank & sons'))
  expect(topics).toMatchObject([{ topic: 'news/eu', own: false }])
  const sent = await client.send({ to: { topic: 'news/eu' }, type: 'news' })
  expect(['fanning_out', 'stored']).toContain(sent.status)
})

test('users: their inbox, counts, marks, devices, connections, and the end of it all', async () => {
  const first = await client.send({ to: { user: 'gina' }, type: 'greeting', title: '1' })
  await client.send({ to: { user: 'gina' }, type: 'news', title: '2' })
  expect(await client.users.counts('gina')).toMatchObject({ unread: 2, unseen: 2, latest: 2 })
  const marked = await client.users.mark('gina', { action: 'read', ids: [first.id] })
  expect(marked).toMatchObject({ updated: 1, unread: 1 })
  const { items, epoch, latest } = await client.users.inbox('gina', { filter: 'unread' })
  expect(items.map(({ title }) => title)).toEqual(['2'])
  const seen = await client.users.mark('gina', { action: 'seen', upTo: latest, epoch })
  expect(seen).toMatchObject({ updated: 1, unseen: 0 })
  const page = await client.users.inbox('gina', { limit: 1, type: 'greeting' })
  expect(page.items).toHaveLength(1)

  await using phone = await service.api.connect('gina')
  const { connection } = (await phone.first('welcome')).payload
  await phone.first('caught_up')
  expect(await all(client.users.devices('gina'))).toMatchObject([{ device: 'phone', online: true }])
  expect(await all(client.users.connections('gina'))).toMatchObject([{ connection }])
  expect(await client.users.disconnect('gina', { connection, reconnect: false })).toEqual({
    closed: 1,
  })
  await client.users.erase('gina')
  expect(await client.users.counts('gina')).toMatchObject({ unread: 0, latest: 0 })
})

test('users: their tokens are taken back, one by its name, or all from before a time', async () => {
  const exp = Math.floor(Date.now() / 1_000) + 3_600
  const lost = await tokenFor('hugo', { jti: 'lost', iat: exp - 7_200, exp })
  const other = await tokenFor('hugo', { jti: 'other', iat: exp - 7_200, exp })
  const statusOf = async (token: string) =>
    (await service.api.request('/v1/inbox', { token })).status
  await using cutting = await behind(1)
  await cutting.client.users.revokeToken({ jti: 'lost', exp })
  expect(cutting.proxy.cut).toBe(1)
  expect([await statusOf(lost), await statusOf(other)]).toEqual([401, 200])

  await using phone = await service.api.connect('hugo', { token: other })
  await phone.first('welcome')
  await client.users.revoke('hugo', { issuedBefore: new Date((exp - 3_600) * 1_000) })
  expect(await phone.closed).toMatchObject({ code: 4403 })
  const fresh = await tokenFor('hugo', { iat: exp - 3_600, exp })
  expect([await statusOf(other), await statusOf(fresh)]).toEqual([401, 200])
  const ahead = client.users.revoke('hugo', { issuedBefore: exp + 7 * 24 * 3_600 })
  expect(await errorOf(ahead)).toMatchObject({ code: 'invalid_request', status: 422 })
  const none = client.users.revoke('hugo', { issuedBefore: new Date('no time') })
  expect((await errorOf(none)).code).toBe('invalid_argument')
})

test('a token without the scope, and one that has expired, are told by their codes', async () => {
  const reader = createClient({ url: service.url, token: await serviceToken('posthorn:read') })
  const error = await errorOf(reader.send({ to: { user: 'alice' }, type: 'greeting' }))
  expect(error).toMatchObject({ code: 'insufficient_scope', status: 403, retryable: false })
  const stale = await tokenFor('shop', { scope: SCOPE }, { ttlSeconds: -120 })
  const tokens = [stale, await serviceToken(SCOPE)]
  const renewing = createClient({ url: service.url, token: () => tokens.shift() ?? '' })
  expect(await renewing.users.counts('alice')).toMatchObject({ latest: 1 })
  const late = createClient({ url: service.url, token: stale })
  expect((await errorOf(late.users.counts('alice'))).code).toBe('token_expired')
})

test('the types take what the service takes, and not what is no send', () => {
  type Sending = Parameters<PosthornClient['send']>[0]
  expectTypeOf({ to: { users: ['a'] }, type: 't', ttl: 60, deliverAt: null }).toExtend<Sending>()
  expectTypeOf({ to: { user: 'a', device: 'd' }, type: 't', ttl: 0 }).toExtend<Sending>()
  expectTypeOf({ to: { user: 'a' } }).not.toExtend<Sending>()
  expectTypeOf({ to: { user: 'a' }, type: 't', priority: 'loud' }).not.toExtend<Sending>()
})
