import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SubscriberList, SubscribersResult, TopicList } from '../../src/protocol/topics.js'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { problemOf, problemOfRaw, shortOf } from './problem-of.js'
import { exchange, requestText } from './raw.js'

let service: TestService
let token: string
let now = Date.UTC(2026, 10, 22, 10)

beforeAll(async () => {
  service = await startService({ clock: () => now })
  token = await serviceToken('posthorn:topics')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const pathOf = (topic: string, user?: string): string =>
  ['/v1/topics', encodeURIComponent(topic), 'subscribers', user && encodeURIComponent(user)]
    .filter((part) => part !== undefined)
    .join('/')

const put = (topic: string, user: string): Promise<Response> =>
  service.api.request(pathOf(topic, user), { method: 'PUT', token })
const remove = (topic: string, user: string): Promise<Response> =>
  service.api.request(pathOf(topic, user), { method: 'DELETE', token })
const post = (topic: string, body: unknown): Promise<Response> =>
  service.api.request(pathOf(topic), { method: 'POST', token, body })

async function change(topic: string, body: unknown): Promise<SubscribersResult> {
  const response = await post(topic, body)
  expect(response.status).toBe(200)
  return SubscribersResult.parse(await response.json())
}

async function subscribersOf(topic: string, query = ''): Promise<SubscriberList> {
  const response = await service.api.request(`${pathOf(topic)}${query}`, { token })
  expect(response.status).toBe(200)
  return SubscriberList.parse(await response.json())
}

const namesOf = async (topic: string): Promise<string[]> =>
  (await subscribersOf(topic)).items.map(({ user }) => user)

async function topicsOf(user: string, query = ''): Promise<TopicList> {
  const path = `/v1/users/${encodeURIComponent(user)}/topics${query}`
  const response = await service.api.request(path, { token })
  expect(response.status).toBe(200)
  return TopicList.parse(await response.json())
}

/** How many users are known. */
async function known(): Promise<number> {
  const response = await service.api.post(
    { to: { everyone: true }, type: 'test' },
    { token: await serviceToken('posthorn:send posthorn:broadcast') },
  )
  return SendReceipt.parse(await response.json()).recipients.total
}

describe('one subscriber', () => {
  test('is put, listed and taken away, each answered 204 however often', async () => {
    const subscribedAt = new Date(now).toISOString()
    expect((await put('one', 'alice')).status).toBe(204)
    now += 5_000
    const again = await put('one', 'alice')
    expect([again.status, await again.text()]).toEqual([204, ''])
    expect(await subscribersOf('one')).toEqual({
      items: [{ user: 'alice', own: false, subscribedAt }],
      nextPage: null,
    })
    expect(await topicsOf('alice')).toEqual({
      items: [{ topic: 'one', own: false, subscribedAt }],
      nextPage: null,
    })

    expect((await remove('one', 'alice')).status).toBe(204)
    expect((await remove('one', 'alice')).status).toBe(204)
    expect(await namesOf('one')).toEqual([])
    expect((await topicsOf('alice')).items).toEqual([])
  })

  test('who is not known is made by a subscription, and not by the end of one', async () => {
    const before = await known()
    expect((await remove('people', 'unheard-of')).status).toBe(204)
    expect(await known()).toBe(before)
    expect((await put('people', 'unheard-of')).status).toBe(204)
    expect(await known()).toBe(before + 1)
  })
})

describe('many subscribers', () => {
  test('are added and removed at once, each counted once, and only where that changes something', async () => {
    await put('many', 'here')
    expect(
      await change('many', { add: ['a', 'b', 'a', 'here'], remove: ['nobody', 'gone', 'gone'] }),
    ).toEqual({ added: 2, removed: 0 })
    expect(await change('many', { add: ['c'], remove: ['a', 'a', 'here'] })).toEqual({
      added: 1,
      removed: 2,
    })
    expect(await namesOf('many')).toEqual(['b', 'c'])
  })

  test.each([{}, { add: [] }, { remove: [] }])('may be none: %j', async (body) => {
    expect(await change('none', body)).toEqual({ added: 0, removed: 0 })
  })

  test('are up to 1,000 together', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `${'😀'.repeat(251)}${index}`)
    const [add, removed] = [names.slice(0, 600), names.slice(600)]
    expect(await change('full', { add, remove: removed })).toEqual({ added: 600, removed: 0 })
    expect(await shortOf(await post('full', { add: names, remove: ['x'] }))).toBe(
      '422 invalid_request :invalid_value',
    )
    expect(await shortOf(await post('full', { add: [...names, 'x'] }))).toBe(
      '422 invalid_request /add:invalid_value',
    )
    expect(await change('full', { add: names })).toEqual({ added: 400, removed: 0 })
  })

  test('are refused where one is to be added and removed, and then nothing changes', async () => {
    const body = { add: ['a', 'b'], remove: ['c', 'a', 'b', 'a'] }
    expect(await shortOf(await post('both', body))).toBe(
      '422 invalid_request /remove/1:invalid_value /remove/2:invalid_value /remove/3:invalid_value',
    )
    expect(await namesOf('both')).toEqual([])
    const names = Array.from({ length: 500 }, (_, index) => `u${index}`)
    const { errors } = await problemOf(await post('both', { add: names, remove: names }))
    expect(errors).toHaveLength(100)
  })

  test.each([
    [{ add: [''] }, '/add/0:invalid_value'],
    [{ add: ['fine', 'a\nb'] }, '/add/1:invalid_value'],
    [{ remove: [5] }, '/remove/0:invalid_type'],
    [{ add: 'alice' }, '/add:invalid_type'],
    [{ add: null }, '/add:invalid_type'],
    [{ add: ['a'], own: true }, '/own:unknown_field'],
    [['a'], ':invalid_type'],
  ])('are refused as %j', async (body, where) => {
    expect(await shortOf(await post('bad', body))).toBe(`422 invalid_request ${where}`)
    expect(await namesOf('bad')).toEqual([])
  })

  test('are refused as what is not JSON, or over the limit', async () => {
    const headers = { authorization: `Bearer ${token}` }
    const url = new URL(pathOf('bad'), service.url)
    const broken = await fetch(url, { method: 'POST', headers, body: '{' })
    expect(await shortOf(broken)).toBe('400 malformed_body')
    const huge = await fetch(url, { method: 'POST', headers, body: 'x'.repeat(1024 * 1024 + 1) })
    expect(await shortOf(huge)).toBe('413 payload_too_large')
  })
})

describe('lists', () => {
  test('give subscribers in the order in which they came, page by page, while others come and go', async () => {
    await change('paged', { add: ['e', 'd', 'c', 'b', 'a'] })
    const first = await subscribersOf('paged', '?limit=2')
    expect(first.items.map(({ user }) => user)).toEqual(['e', 'd'])
    await change('paged', { add: ['f'], remove: ['e', 'c'] })
    const second = await subscribersOf('paged', `?limit=2&page=${first.nextPage}`)
    expect(second.items.map(({ user }) => user)).toEqual(['b', 'a'])
    const third = await subscribersOf('paged', `?limit=2&page=${second.nextPage}`)
    expect([third.items.map(({ user }) => user), third.nextPage]).toEqual([['f'], null])
  })

  test('end where there is no more, also on a full page', async () => {
    await change('exactly', { add: ['a', 'b'] })
    expect((await subscribersOf('exactly', '?limit=2')).nextPage).toBeNull()
    expect((await subscribersOf('exactly')).items).toHaveLength(2)
  })

  test("give a user's topics by name, page by page, and those of nobody else", async () => {
    for (const topic of ['b', 'a/x', 'C', 'a.b', 'a']) await put(topic, 'reader')
    await put('a', 'other')
    const pages: string[][] = []
    let query = '?limit=2'
    for (;;) {
      const { items, nextPage } = await topicsOf('reader', query)
      pages.push(items.map(({ topic }) => topic))
      if (nextPage === null) break
      query = `?limit=2&page=${nextPage}`
    }
    expect(pages).toEqual([['C', 'a'], ['a.b', 'a/x'], ['b']])
  })

  test('of what nobody has heard of are empty', async () => {
    expect(await subscribersOf('unknown')).toEqual({ items: [], nextPage: null })
    expect(await topicsOf('unknown-user')).toEqual({ items: [], nextPage: null })
  })

  test.each([
    ['?limit=0', /^400 invalid_query \/limit:/],
    ['?limit=101', /^400 invalid_query \/limit:/],
    ['?order=x', /^400 invalid_query \/order:/],
    ['?page=x', /^400 invalid_page$/],
    ['?page=eyJhZnRlciI6LTF9', /^400 invalid_page$/],
  ])('refuse the query %s', async (query, expected) => {
    for (const path of [pathOf('one'), '/v1/users/alice/topics']) {
      const answer = await service.api.request(`${path}${query}`, { token })
      expect(await shortOf(answer)).toMatch(expected)
    }
  })
})

/** What is answered for a path as it is written; `fetch` would write some otherwise. */
async function askAsWritten(method: string, path: string): Promise<string> {
  const headers = { host: '127.0.0.1', authorization: `Bearer ${token}`, 'content-length': '0' }
  const { status, code } = problemOfRaw(
    await exchange(service.url, requestText(`${method} ${path}`, headers)),
  )
  return `${status} ${code}`
}

describe('names in the path', () => {
  test.each([
    'news',
    'news/eu',
    '/',
    'a//b',
    '../x',
    'a/..',
    '...',
    'a:b',
    '-._:/',
    'x'.repeat(128),
    'subscribers',
  ])('name the topic %j by percent-encoding, and no other', async (topic) => {
    expect((await put(topic, 'ann/bob')).status).toBe(204)
    expect(await change(topic, { add: ['second'] })).toEqual({ added: 1, removed: 0 })
    expect(await namesOf(topic)).toEqual(['ann/bob', 'second'])
    expect((await topicsOf('ann/bob')).items.map((item) => item.topic)).toEqual([topic])
    expect((await remove(topic, 'ann/bob')).status).toBe(204)
    expect((await topicsOf('ann/bob')).items).toEqual([])
  })

  test.each(['a b?c#d', '100%', '%2F', 'ü😀', '...', 'login:x', ' '])(
    'name the user %j, and nobody else',
    async (user) => {
      await put('users', user)
      expect(await namesOf('users')).toEqual([user])
      await remove('users', user)
      expect(await namesOf('users')).toEqual([])
    },
  )

  test.each([
    '%ff',
    'a%',
    'a%20b',
    'a*',
    '%00',
    '%C3%BC',
    'a%252Fb',
    '',
    '.',
    '..',
    '%2e',
    '%2e%2E',
    'x'.repeat(129),
    'news/eu',
  ])('that no topic can have, or no path can hold, are not found: %j', async (topic) => {
    expect(await askAsWritten('PUT', `/v1/topics/${topic}/subscribers/u`)).toBe('404 not_found')
    expect(await askAsWritten('GET', `/v1/topics/${topic}/subscribers`)).toBe('404 not_found')
  })

  test.each(['%ff', '%00', '', '.', '..', '%2e%2e', 'x'.repeat(256)])(
    'that no user can have, or no path can hold, are not found: %j',
    async (user) => {
      expect(await askAsWritten('DELETE', `/v1/topics/t/subscribers/${user}`)).toBe('404 not_found')
      // With a dot it is the path of the user who is called `topics`, of whom this method asks nothing.
      const gone = user === '.' ? '405 method_not_allowed' : '404 not_found'
      expect(await askAsWritten('GET', `/v1/users/${user}/topics`)).toBe(gone)
    },
  )
})

describe('only a service with posthorn:topics', () => {
  const requests: [string, string][] = [
    ['PUT', pathOf('guarded', 'alice')],
    ['DELETE', pathOf('guarded', 'alice')],
    ['POST', pathOf('guarded')],
    ['GET', pathOf('guarded')],
    ['GET', '/v1/users/alice/topics'],
  ]

  test.each(requests)('may %s %s', async (method, path) => {
    const body = method === 'POST' ? { body: { add: ['alice'] } } : {}
    const others = 'posthorn:send posthorn:broadcast posthorn:read posthorn:users posthorn:metrics'
    for (const other of [await serviceToken(others), await tokenFor('alice')]) {
      const answer = await service.api.request(path, { method, token: other, ...body })
      expect(await shortOf(answer)).toBe('403 insufficient_scope')
    }
    expect(await shortOf(await service.api.request(path, { method, ...body }))).toBe(
      '401 missing_token',
    )
    expect(await namesOf('guarded')).toEqual([])
  })
})

describe('a send to everyone', () => {
  const toEveryone = { to: { everyone: true }, type: 'test', title: 'to all' }
  const SEND = 'posthorn:send'

  test('needs posthorn:broadcast as well as posthorn:send', async () => {
    const missing = await service.api.post(toEveryone, { token: await serviceToken(SEND) })
    expect(await problemOf(missing)).toMatchObject({
      code: 'insufficient_scope',
      detail: 'This needs the scope posthorn:broadcast.',
    })
    const alone = await service.api.post(toEveryone, {
      token: await serviceToken('posthorn:broadcast'),
    })
    expect(await shortOf(alone)).toBe('403 insufficient_scope')
    const both = await service.api.post(toEveryone, {
      token: await serviceToken(`${SEND} posthorn:broadcast`),
    })
    expect(both.status).toBe(202)
  })

  test('is refused alone of its batch', async () => {
    const items = [{ to: { user: 'in-a-batch' }, type: 'test' }, toEveryone]
    const path = '/v1/notifications/batch'
    const request = { method: 'POST', token: await serviceToken(SEND), body: { items } }
    const response = await service.api.request(path, request)
    expect(await response.json()).toMatchObject({
      succeeded: 1,
      failed: 1,
      results: [
        { index: 0, status: 201 },
        { index: 1, status: 403, problem: { code: 'insufficient_scope' } },
      ],
    })
    const user = await AsUser.of(service.api, 'in-a-batch')
    expect((await user.counts()).latest).toBe(1)
  })
})
