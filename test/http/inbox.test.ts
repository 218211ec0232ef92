import { afterAll, beforeAll, expect, test } from 'vitest'
import type * as z from 'zod/mini'
import { InboxCounts, InboxList } from '../../src/protocol/inbox.js'
import { startService, tokenFor, type TestService } from '../harness.js'
import { shortOf } from './problem-of.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

const get = async (user: string, path: string) =>
  service.api.request(path, { token: await tokenFor(user) })

async function list(
  user: string,
  query: Record<string, string> = {},
): Promise<z.infer<typeof InboxList>> {
  const response = await get(user, `/v1/inbox?${new URLSearchParams(query).toString()}`)
  expect(response.headers.get('content-type')).toMatch(/^application\/json/)
  return InboxList.parse(await response.json())
}

const titles = ({ items }: z.infer<typeof InboxList>) => items.map(({ title }) => title)
const down = (from: number, to: number): string[] =>
  Array.from({ length: from - to + 1 }, (_, index) => String(from - index))

test('is empty for a user of whom nobody has heard, with an epoch to start from', async () => {
  const nobody = await list('nobody')
  expect(nobody).toEqual({
    items: [],
    nextPage: null,
    unread: 0,
    unseen: 0,
    latest: 0,
    epoch: nobody.epoch,
  })
})

test('lists the newest first, whole, with the counts and where the log stands', async () => {
  const [first, second] = await service.api.sendMany('alice', 2)
  const inbox = await list('alice')
  expect(inbox).toMatchObject({ nextPage: null, unread: 2, unseen: 2, latest: 2 })
  expect(inbox.items.map(({ id }) => id)).toEqual([second?.id, first?.id])
  expect(inbox.items[0]).toEqual({
    id: second?.id,
    seq: 2,
    arrivedSeq: 2,
    type: 'test',
    title: '2',
    body: null,
    url: null,
    icon: null,
    data: null,
    priority: 'normal',
    collapseKey: null,
    topic: null,
    sender: 'shop',
    createdAt: second?.createdAt,
    expiresAt: null,
    seenAt: null,
    readAt: null,
    archivedAt: null,
  })
})

test('shows nobody what is of another user', async () => {
  await service.api.send('mallory', 'hers')
  expect(titles(await list('alicE'))).toEqual([])
  expect(titles(await list('mallory'))).toEqual(['hers'])
})

test('pages without missing or doubling one, while new ones arrive', async () => {
  await service.api.sendMany('bob', 25)
  const first = await list('bob', { limit: '10' })
  await service.api.sendMany('bob', 3, 26)
  const second = await list('bob', { limit: '10', page: first.nextPage ?? '' })
  await service.api.sendMany('bob', 2, 29)
  const third = await list('bob', { limit: '10', page: second.nextPage ?? '' })

  expect([first, second, third].flatMap(titles)).toEqual(down(25, 1))
  expect([second.latest, third.latest, third.unread]).toEqual([28, 30, 30])
  expect(third.nextPage).toBeNull()
  expect(titles(await list('bob'))).toEqual(down(30, 1))
})

test('has no next page where the last one is full', async () => {
  await service.api.sendMany('carol', 4)
  const first = await list('carol', { limit: '2' })
  const second = await list('carol', { limit: '2', page: first.nextPage ?? '' })
  expect([titles(first), titles(second), second.nextPage]).toEqual([['4', '3'], ['2', '1'], null])
})

test('gives 50 where no limit is named, and up to 100', async () => {
  await service.api.sendMany('dave', 101)
  expect(titles(await list('dave'))).toEqual(down(101, 52))
  expect(titles(await list('dave', { limit: '100' }))).toEqual(down(101, 2))
  expect(titles(await list('dave', { limit: '1' }))).toEqual(['101'])
})

test.each(['0', '101', '-1', '1.5', '', 'ten', '1e1', '010', '1&limit=2'])(
  'refuses the limit %j',
  async (limit) => {
    for (const path of ['/v1/inbox?', '/v1/inbox/changes?epoch=e&']) {
      const answer = await get('alice', `${path}limit=${limit}`)
      expect(await shortOf(answer)).toMatch(/^400 invalid_query \/limit:invalid_/)
    }
  },
)

const encode = (text: string): string => Buffer.from(text).toString('base64url')

test('refuses a page that it did not give, and the page of another list', async () => {
  const pages = [
    'x',
    '',
    encode('5'),
    encode('{}'),
    encode('{"before":-1}'),
    encode('{"before":1.5}'),
  ]
  const others = [encode('{"user":1,"device":0}'), encode('{"before":1,"more":1}'), '%ff']
  for (const page of [...pages, ...others]) {
    const answer = await get('alice', `/v1/inbox?page=${page}`)
    expect([page, await shortOf(answer)]).toEqual([page, '400 invalid_page'])
  }
})

test.each([
  ['filter=', '/filter'],
  ['filter=inbox', '/filter'],
  ['filter=Unread', '/filter'],
  ['filter=unread&filter=all', '/filter'],
  ['type=', '/type'],
  ['type=a%20b', '/type'],
  ['type=%25', '/type'],
])('refuses %s', async (query, pointer) => {
  expect(await shortOf(await get('alice', `/v1/inbox?${query}`))).toMatch(
    new RegExp(`^400 invalid_query ${pointer}:invalid_`),
  )
})

test.each([
  ['/v1/inbox?unknown=1', '/unknown'],
  ['/v1/inbox?Limit=5', '/Limit'],
  ['/v1/inbox?__proto__=1', '/__proto__'],
  ['/v1/inbox?a%2Fb=1', '/a~1b'],
  ['/v1/inbox/counts?limit=5', '/limit'],
  ['/v1/inbox/counts?access_token=x', '/access_token'],
  ['/v1/inbox/changes?epoch=e&page=x', '/page'],
])('refuses a name that the query of %s does not have', async (path, pointer) => {
  expect(await shortOf(await get('alice', path))).toBe(`400 invalid_query ${pointer}:unknown_field`)
})

test('counts what is unread and unseen, and tells where the log stands', async () => {
  await service.api.sendMany('erin', 3)
  const response = await get('erin', '/v1/inbox/counts')
  expect(response.status).toBe(200)
  const body: unknown = await response.json()
  const { epoch } = InboxCounts.parse(body)
  expect(body).toEqual({ unread: 3, unseen: 3, latest: 3, epoch })
  expect(epoch).toBe((await list('erin')).epoch)
})
