import { afterAll, beforeAll, expect, test } from 'vitest'
import { InboxList } from '../../src/protocol/inbox.js'
import { SendReceipt } from '../../src/protocol/send.js'
import type { TestClient } from '../client.js'
import { shortOf } from '../http/problem-of.js'
import {
  serviceToken,
  startService,
  temporaryFolder,
  tokenFor,
  type TestService,
} from '../harness.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken('posthorn:send posthorn:read posthorn:broadcast')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const body = (to: unknown, title: string) => ({ to, type: 'test', title, ttl: 0 })

async function sent(to: unknown, title = 'now'): Promise<SendReceipt> {
  const response = await service.api.post(body(to, title), { token })
  expect(response.status).toBe(202)
  return SendReceipt.parse(await response.json())
}

async function connected(user: string, device = 'phone'): Promise<TestClient> {
  const client = await service.api.connect(user, { device })
  await client.first('caught_up')
  return client
}

/** Sends to one user with the same key each time. */
const postToFrank = (by: TestService, title: string): Promise<Response> =>
  by.api.post(body({ user: 'frank' }, title), { token, headers: { 'idempotency-key': 'k' } })

/** The titles of the ephemerals that each has had, once all that was sent has come. */
async function heardBy(...clients: TestClient[]): Promise<(string | null)[][]> {
  await Promise.all(clients.map((client) => client.settled()))
  return clients.map((client) =>
    client.all('ephemeral').map(({ payload }) => payload.notification.title),
  )
}

test('an ephemeral reaches who is connected, and is kept nowhere', async () => {
  await using phone = await connected('alice')
  await using laptop = await connected('alice', 'laptop')
  const receipt = await sent({ user: 'alice' })
  expect(receipt).toEqual({
    id: receipt.id,
    status: 'sent',
    recipients: { total: 1, stored: 0 },
    createdAt: receipt.createdAt,
    expiresAt: receipt.createdAt,
  })
  const { notification } = (await phone.first('ephemeral')).payload
  expect(notification).toMatchObject({
    id: receipt.id,
    title: 'now',
    sender: 'shop',
    expiresAt: receipt.createdAt,
  })
  expect(await heardBy(phone, laptop)).toEqual([['now'], ['now']])
  for (const rest of ['', '/deliveries']) {
    const answer = await service.api.request(`/v1/notifications/${receipt.id}${rest}`, { token })
    expect(await shortOf(answer)).toBe('404 not_found')
  }
  const own = await tokenFor('alice')
  const list = await (await service.api.request('/v1/inbox', { token: own })).json()
  expect(InboxList.parse(list)).toMatchObject({ items: [], latest: 0, unread: 0 })
  await phone.close()
  await using again = await connected('alice')
  expect(await heardBy(again)).toEqual([[]])
  expect(again.seqs).toEqual([])
})

test('an ephemeral is for users, one device, one connection, or everyone', async () => {
  await using phone = await connected('bob')
  await using laptop = await connected('bob', 'laptop')
  await using other = await connected('carol')
  const all = [phone, laptop, other]
  expect((await sent({ users: ['bob', 'carol', 'bob', 'away'] }, 'users')).recipients).toEqual({
    total: 3,
    stored: 0,
  })
  expect(await heardBy(...all)).toEqual([['users'], ['users'], ['users']])
  expect((await sent({ user: 'bob', device: 'laptop' }, 'device')).recipients.total).toBe(1)
  expect((await sent({ user: 'bob', device: 'tablet' }, 'no device')).recipients.total).toBe(1)
  expect((await sent({ user: 'away' }, 'nobody')).recipients.total).toBe(1)
  const { connection } = (await phone.first('welcome')).payload
  expect((await sent({ connection }, 'connection')).recipients.total).toBe(1)
  expect((await sent({ connection: 'none' }, 'no connection')).recipients.total).toBe(0)
  expect(await heardBy(...all)).toEqual([['users', 'connection'], ['users', 'device'], ['users']])
  const { recipients } = await sent({ everyone: true }, 'everyone')
  expect((await heardBy(...all)).map((titles) => titles.at(-1))).toEqual([
    'everyone',
    'everyone',
    'everyone',
  ])
  expect(recipients.total).toBeGreaterThanOrEqual(2)
  expect(recipients.stored).toBe(0)
})

test('an ephemeral to a topic reaches those who are subscribed and connected', async () => {
  await using subscriber = await connected('dave')
  await using stranger = await connected('erin')
  await service.api.send('absent', 'makes this user known')
  const token = await serviceToken('posthorn:topics')
  for (const [topic, add] of [
    ['news', ['dave', 'absent']],
    ['sports', ['erin']],
  ] as const) {
    const path = `/v1/topics/${topic}/subscribers`
    const answer = await service.api.request(path, { method: 'POST', token, body: { add } })
    expect(answer.status).toBe(200)
  }
  const { recipients } = await sent({ topic: 'news' }, 'news')
  expect(recipients).toEqual({ total: 1, stored: 0 })
  expect(await heardBy(subscriber, stranger)).toEqual([['news'], []])
  const [message] = subscriber.all('ephemeral')
  expect(message?.payload.notification.topic).toBe('news')
  expect((await sent({ topic: 'none' })).recipients.total).toBe(0)
})

test('an ephemeral with a key is sent once: a retry has the first answer, also after a restart', async () => {
  using folder = temporaryFolder()
  let receipt: unknown
  {
    await using first = await startService({ folder: folder.path })
    await using phone = await first.api.connect('frank')
    await phone.first('caught_up')
    const answer = await postToFrank(first, 'once')
    expect(answer.status).toBe(202)
    expect(answer.headers.get('idempotency-replayed')).toBeNull()
    receipt = await answer.json()
    const again = await postToFrank(first, 'once')
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([202, 'true'])
    expect(await again.json()).toEqual(receipt)
    expect(await shortOf(await postToFrank(first, 'other'))).toBe('422 idempotency_key_reused')
    expect(await heardBy(phone)).toEqual([['once']])
  }
  await using second = await startService({ folder: folder.path })
  await using phone = await second.api.connect('frank')
  await phone.first('caught_up')
  const retry = await postToFrank(second, 'once')
  expect(await retry.json()).toEqual(receipt)
  expect(await heardBy(phone)).toEqual([[]])
})
