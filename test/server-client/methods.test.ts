import { expect, test } from 'vitest'
import type { PosthornClient } from '../../src/server-client/client.js'
import { clientOf, errorOf, SENDING } from './client-of.js'
import { answer, problem, RECEIPT, reset, type Step } from './scripted-server.js'

const ID = RECEIPT.id
const done = answer(204)
const list: Step = answer(200, { items: [], nextPage: null })
const COUNTS = { unread: 1, unseen: 2, latest: 3, epoch: 'e' }
const counts = answer(200, COUNTS)

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = []
  for await (const item of items) found.push(item)
  return found
}

type Call = (client: PosthornClient) => Promise<unknown>

const SAFE_TO_REPEAT: [request: string, call: Call, answered: Step, body?: unknown][] = [
  [
    `DELETE /v1/notifications/${ID}`,
    (client) => client.recall(ID),
    answer(202, { id: ID, status: 'recalled', recipients: { total: 1, stored: 0 } }),
  ],
  [
    `GET /v1/notifications/${ID}/deliveries?limit=100`,
    (client) => all(client.deliveries(ID)),
    list,
  ],
  [
    'PUT /v1/topics/a%2Fb/subscribers/al%20ice',
    (client) => client.topics.subscribe('a/b', 'al ice'),
    done,
  ],
  [
    'DELETE /v1/topics/news/subscribers/alice',
    (client) => client.topics.unsubscribe('news', 'alice'),
    done,
  ],
  [
    'POST /v1/topics/news/subscribers',
    (client) => client.topics.changeSubscribers('news', { add: ['alice'] }),
    answer(200, { added: 1, removed: 0 }),
    { add: ['alice'] },
  ],
  [
    'GET /v1/topics/news/subscribers?limit=100',
    (client) => all(client.topics.subscribers('news')),
    list,
  ],
  ['GET /v1/users/alice/topics?limit=100', (client) => all(client.topics.topicsOf('alice')), list],
  [
    'GET /v1/users/alice/inbox?filter=unread&type=greeting&limit=2&page=p',
    (client) =>
      client.users.inbox('alice', { filter: 'unread', type: 'greeting', limit: 2, page: 'p' }),
    answer(200, { items: [], nextPage: null, ...COUNTS }),
  ],
  ['GET /v1/users/alice/inbox/counts', (client) => client.users.counts('alice'), counts],
  [
    'POST /v1/users/alice/inbox/mark',
    (client) => client.users.mark('alice', { action: 'read', ids: [ID] }),
    answer(200, { ...COUNTS, updated: 1 }),
    { action: 'read', ids: [ID] },
  ],
  ['GET /v1/users/alice/devices?limit=100', (client) => all(client.users.devices('alice')), list],
  [
    'DELETE /v1/users/alice/devices/phone',
    (client) => client.users.removeDevice('alice', 'phone'),
    done,
  ],
  [
    'GET /v1/users/alice/connections?limit=100',
    (client) => all(client.users.connections('alice')),
    list,
  ],
  ['DELETE /v1/users/alice', (client) => client.users.erase('alice'), done],
  [
    'POST /v1/revocations',
    (client) => client.users.revoke('alice', { issuedBefore: new Date(1_700_000_000_123) }),
    done,
    { user: 'alice', issuedBefore: '2023-11-14T22:13:20.123Z' },
  ],
  [
    'POST /v1/revocations',
    (client) => client.users.revokeToken({ jti: 'token-1', exp: 1_700_000_000 }),
    done,
    { jti: 'token-1', exp: 1_700_000_000 },
  ],
]

test.each(SAFE_TO_REPEAT)(
  '%s is asked again after faults',
  async (request, call, answered, body) => {
    await using scripted = await clientOf([reset, problem(503, 'internal'), answered])
    await call(scripted.client)
    const asked = scripted.server.received.map(({ method, path }) => `${method} ${path}`)
    expect(asked).toEqual([request, request, request])
    expect(scripted.server.received.map(({ body }) => body)).toEqual([body, body, body])
    expect(scripted.server.header('idempotency-key')).toEqual([undefined, undefined, undefined])
  },
)

test.each([reset, problem(503, 'internal'), problem(429, 'rate_limited')])(
  'a disconnect is not asked for again: it would end who came back',
  async (fault) => {
    await using scripted = await clientOf([fault, answer(200, { closed: 1 })])
    const { client, server } = scripted
    const error = await errorOf(client.users.disconnect('alice', { device: 'phone' }))
    expect(error.retryable).toBe(true)
    expect(server.received.map(({ body }) => body)).toEqual([{ device: 'phone' }])
    expect(await client.users.disconnect('alice')).toEqual({ closed: 1 })
    expect(server.received.at(-1)?.body).toEqual({})
  },
)

test('a device that is gone after a try whose answer was lost was removed', async () => {
  const unknown = problem(404, 'not_found')
  await using scripted = await clientOf([reset, unknown, unknown])
  await scripted.client.users.removeDevice('alice', 'phone')
  const error = await errorOf(scripted.client.users.removeDevice('alice', 'phone'))
  expect(error.code).toBe('not_found')
})

test('a list is asked for page by page, as far as it is read', async () => {
  const at = '2026-11-22T10:00:00.000Z'
  const pageOf = (names: string[], nextPage: string | null): Step =>
    answer(200, {
      items: names.map((user) => ({ user, own: false, subscribedAt: at })),
      nextPage,
    })
  const script = [pageOf(['a', 'b'], 'p/1'), pageOf([], 'p2'), reset, pageOf(['c'], null)]
  await using scripted = await clientOf(script)
  const { client, server } = scripted
  const users = (await all(client.topics.subscribers('news'))).map(({ user }) => user)
  expect(users).toEqual(['a', 'b', 'c'])
  expect(server.received.map(({ path }) => path.split('?')[1])).toEqual([
    'limit=100',
    'limit=100&page=p%2F1',
    'limit=100&page=p2',
    'limit=100&page=p2',
  ])

  await using other = await clientOf(script)
  for await (const { user } of other.client.topics.subscribers('news')) {
    if (user === 'b') break
  }
  expect(other.server.received).toHaveLength(1)
})

test.each<[string, Call]>([
  ['subscribe', (client) => client.topics.subscribe('news', '..')],
  ['unsubscribe', (client) => client.topics.unsubscribe('.', 'alice')],
  ['erase', (client) => client.users.erase('..')],
  ['removeDevice', (client) => client.users.removeDevice('..', 'inbox')],
  ['recall', (client) => client.recall('')],
  ['devices', (client) => all(client.users.devices('..'))],
])('%s asks nothing of a path that would mean something else', async (_name, call) => {
  await using scripted = await clientOf([done])
  expect((await errorOf(call(scripted.client))).code).toBe('invalid_argument')
  expect(scripted.server.received).toEqual([])
})

test('an object that is not JSON is not sent', async () => {
  await using scripted = await clientOf([done])
  await expect(scripted.client.send({ ...SENDING, data: 1n })).rejects.toThrow(TypeError)
  expect(scripted.server.received).toEqual([])
})
