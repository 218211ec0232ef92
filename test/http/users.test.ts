import { afterAll, beforeAll, expect, test } from 'vitest'
import { InboxCounts, InboxList } from '../../src/protocol/inbox.js'
import { serviceToken, startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'
import { problemOfRaw, shortOf } from './problem-of.js'
import { exchange, requestText } from './raw.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService()
  token = await serviceToken('posthorn:users')
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const pathOf = (user: string, rest = ''): string =>
  `/v1/users/${encodeURIComponent(user)}/inbox${rest}`
const get = (user: string, rest?: string): Promise<Response> =>
  service.api.request(pathOf(user, rest), { token })
const mark = (user: string, body: unknown): Promise<Response> =>
  service.api.request(pathOf(user, '/mark'), { method: 'POST', token, body })

test('a service reads and marks an inbox as its user does', async () => {
  const [first, second] = await service.api.sendMany('alice', 3)
  const user = await AsUser.of(service.api, 'alice')
  await using phone = await service.api.connect('alice', { acknowledges: true })
  await phone.first('caught_up')

  const done = await mark('alice', { action: 'read', ids: [first?.id, second?.id] })
  expect(await done.json()).toEqual({ updated: 2, unread: 1, unseen: 1, latest: 5 })
  const { epoch } = await user.counts()
  const all = await mark('alice', { action: 'archived', upTo: 3, epoch, type: 'test' })
  expect(await all.json()).toEqual({ updated: 3, unread: 0, unseen: 0, latest: 8 })
  await phone.until(() => phone.all('updated').length === 5, 'five events')

  const lists = [await get('alice'), await get('alice', '?filter=archived&limit=2')]
  expect(await Promise.all(lists.map(async (list) => InboxList.parse(await list.json())))).toEqual([
    await user.list(),
    await user.list({ filter: 'archived', limit: 2 }),
  ])
  const counts = InboxCounts.parse(await (await get('alice', '/counts')).json())
  expect(counts).toEqual(await user.counts())
})

test('the inbox of a user of whom nobody has heard is empty, and stays unmade', async () => {
  const list = InboxList.parse(await (await get('nobody')).json())
  expect(list).toMatchObject({ items: [], nextPage: null, unread: 0, latest: 0 })
  const done = await mark('nobody', { action: 'read', upTo: 9, epoch: list.epoch })
  expect(await done.json()).toEqual({ updated: 0, unread: 0, unseen: 0, latest: 0 })
})

test('a service is refused what a user is refused', async () => {
  expect(await shortOf(await get('alice', '?filter=x'))).toMatch(/^400 invalid_query \/filter:/)
  expect(await shortOf(await get('alice', '?page=x'))).toBe('400 invalid_page')
  expect(await shortOf(await get('alice', '/counts?x=1'))).toMatch(/^400 invalid_query \/x:/)
  expect(await shortOf(await mark('alice', { action: 'read', ids: [] }))).toMatch(/^422 .*\/ids:/)
  expect(await shortOf(await mark('alice', { action: 'read', upTo: 1 }))).toBe('400 epoch_required')
  const strayed = { action: 'read', upTo: 1, epoch: 'other' }
  expect(await shortOf(await mark('alice', strayed))).toBe('409 epoch_mismatch')
})

test.each([
  'ann/bob',
  'ann%2Fbob',
  'a b?c#d&e=f+g;h',
  'login:alice',
  '100%',
  '%ff',
  'ü😀',
  '😀'.repeat(255),
  ' ',
  '...',
])('the user %j is named by percent-encoding, and nobody else is meant', async (name) => {
  const { id } = await service.api.send(name, 'for this one')
  const list = InboxList.parse(await (await get(name)).json())
  expect(list.items.map((item) => item.id)).toEqual([id])
  expect(await (await mark(name, { action: 'read', ids: [id] })).json()).toMatchObject({
    updated: 1,
  })
  expect(await (await get(name, '/counts')).json()).toMatchObject({ unread: 0, latest: 2 })
})

/** What is answered for a name as it is written in the path; `fetch` would write some otherwise. */
async function askAsWritten(name: string, method: string, rest: string): Promise<string> {
  const headers = { host: '127.0.0.1', authorization: `Bearer ${token}`, 'content-length': '0' }
  const text = requestText(`${method} /v1/users/${name}/inbox${rest}`, headers)
  const { status, code } = problemOfRaw(await exchange(service.url, text))
  return `${status} ${code}`
}

test.each([
  '%ff',
  'a%',
  '%E0%A4%A',
  '%00',
  '%0A',
  '%7f',
  '%C2%85',
  '',
  'x'.repeat(256),
  '%F0%9F%98%80'.repeat(256),
])('a name that no user can have is not found: %j', async (name) => {
  expect(await askAsWritten(name, 'GET', '')).toBe('404 not_found')
  expect(await askAsWritten(name, 'GET', '/counts')).toBe('404 not_found')
  expect(await askAsWritten(name, 'POST', '/mark')).toBe('404 not_found')
})

test.each(['/changes', '/ack', '/01890a5d-ac96-774b-bcce-b302099a8057', '/'])(
  'what only the user does is not there for a service: …/inbox%s',
  async (rest) => {
    expect(await shortOf(await get('alice', rest))).toBe('404 not_found')
  },
)
