import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serviceToken, startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
  await service.api.sendMany('alice', 3)
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const PATHS = [
  '/v1/inbox',
  '/v1/inbox?filter=unread&limit=2',
  '/v1/inbox/counts',
  '/v1/users/alice/inbox',
  '/v1/users/alice/inbox/counts',
]

describe.each(PATHS)('%s', (path) => {
  const ask = async (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => {
    const isService = path.startsWith('/v1/users')
    const token = isService ? await serviceToken('posthorn:users') : await tokenFor('alice')
    return service.api.request(path, { method, headers, token })
  }
  const tagOf = async (): Promise<string> => (await ask()).headers.get('etag') ?? ''

  test('comes with a tag that stays while nothing changes, and may be kept by its reader alone', async () => {
    const [first, second] = [await ask(), await ask()]
    expect(first.headers.get('etag')).toMatch(/^"[\x21\x23-\x7e]+"$/)
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'))
    expect(first.headers.get('cache-control')).toBe('private, no-cache')
  })

  test('answers 304 without a body to whoever has it, by its own request id', async () => {
    const tag = await tagOf()
    // A tag compares weakly here, and `*` is any that there is (RFC 9110 §13.1.2).
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, `"other",W/${tag}`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask({ 'if-none-match': known, 'x-request-id': 'mine' }, method)
        expect([known, method, answer.status, await answer.text()]).toEqual([
          known,
          method,
          304,
          '',
        ])
        expect(Object.fromEntries(answer.headers)).toMatchObject({
          etag: tag,
          'cache-control': 'private, no-cache',
          'x-request-id': 'mine',
        })
        expect(answer.headers.get('content-type')).toBeNull()
      }
    }
  })

  test('answers whole to whoever has another, or what is no tag', async () => {
    const tag = await tagOf()
    for (const other of ['"other"', tag.slice(1, -1), tag.toUpperCase(), '', '"', '**']) {
      const answer = await ask({ 'if-none-match': other })
      expect([other, answer.status, (await answer.text()) !== '']).toEqual([other, 200, true])
      expect(answer.headers.get('etag')).toBe(tag)
    }
  })

  test('answers HEAD with the tag of GET', async () => {
    expect((await ask({}, 'HEAD')).headers.get('etag')).toBe(await tagOf())
  })

  test('tells an error as an error, whatever tag the caller has', async () => {
    const asked = path.includes('?') ? `${path}&limit=0` : `${path}?unknown=1`
    const token = await tokenFor('alice')
    const answers = await Promise.all([
      service.api.request(asked, { token, headers: { 'if-none-match': '*' } }),
      service.api.request(path, { headers: { 'if-none-match': '*' } }),
    ])
    for (const answer of answers) {
      expect(answer.headers.get('etag')).toBeNull()
      expect(await shortOf(answer)).toMatch(/^40[013] /)
    }
  })

  test('has another tag once something was marked or has come', async () => {
    const token = await tokenFor('alice')
    const before = await tagOf()
    const { id } = await service.api.send('alice', 'new')
    const arrived = await tagOf()
    const body = { action: 'seen', ids: [id] }
    const marked = await service.api.request('/v1/inbox/mark', { method: 'POST', token, body })
    expect(marked.status).toBe(200)
    const answer = await ask({ 'if-none-match': arrived })
    expect(answer.status).toBe(200)
    await answer.arrayBuffer()
    expect(new Set([before, arrived, answer.headers.get('etag')]).size).toBe(3)
  })
})

test('is asked by one user in vain for the tag of another', async () => {
  await service.api.send('bob', 'his')
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map(async (user) =>
      service.api.request('/v1/inbox', { token: await tokenFor(user) }),
    ),
  )
  const answer = await service.api.request('/v1/inbox', {
    token: await tokenFor('bob'),
    headers: { 'if-none-match': alice?.headers.get('etag') ?? '' },
  })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toBe(await bob?.text())
})
