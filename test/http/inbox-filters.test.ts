import { afterAll, beforeAll, expect, test } from 'vitest'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'

let service: TestService

beforeAll(async () => {
  service = await startService()
})
afterAll(async () => {
  await service[Symbol.asyncDispose]()
})

type Listed = Awaited<ReturnType<AsUser['list']>>
const titles = (...pages: Listed[]) => pages.flatMap(({ items }) => items.map(({ title }) => title))

async function sendTyped(user: string, type: string, title: string): Promise<string> {
  const body = { to: { user }, type, title }
  const response = await service.api.post(body, { token: await serviceToken() })
  return SendReceipt.parse(await response.json()).id
}

/** Pages to the end, with something done before each page but the first. */
async function everyPage(
  user: AsUser,
  query: Record<string, string | number>,
  between: (page: Listed) => Promise<unknown>,
): Promise<Listed[]> {
  const pages = [await user.list(query)]
  for (;;) {
    const last = pages.at(-1)
    if (!last || last.nextPage === null) return pages
    await between(last)
    pages.push(await user.list({ ...query, page: last.nextPage }))
  }
}

test('each filter lists what it names, and no filter all that is not archived', async () => {
  const receipts = await service.api.sendMany('alice', 5)
  const [seen, read, archived, archivedUnread] = receipts.map(({ id }) => id)
  const user = await AsUser.of(service.api, 'alice')
  await user.mark({ action: 'seen', ids: [seen] })
  await user.mark({ action: 'read', ids: [read] })
  await user.mark({ action: 'archived', ids: [archived, archivedUnread] })
  await user.mark({ action: 'unread', ids: [archivedUnread] })

  expect(titles(await user.list())).toEqual(['5', '2', '1'])
  expect(titles(await user.list({ filter: 'unread' }))).toEqual(['5', '1'])
  expect(titles(await user.list({ filter: 'unseen' }))).toEqual(['5'])
  expect(titles(await user.list({ filter: 'archived' }))).toEqual(['4', '3'])
  expect(titles(await user.list({ filter: 'all' }))).toEqual(['5', '4', '3', '2', '1'])
  // The counts are the inbox's, whatever is listed.
  const counts = await user.counts()
  expect(counts).toMatchObject({ unread: 2, unseen: 1 })
  expect(await user.list({ filter: 'archived' })).toMatchObject(counts)
})

test('a type lists its own alone, with any filter, page by page', async () => {
  const user = await AsUser.of(service.api, 'bob')
  const ids: string[] = []
  for (let number = 1; number <= 9; number++) {
    const type = number % 3 === 0 ? 'order.shipped' : 'chat'
    ids.push(await sendTyped('bob', type, String(number)))
  }
  await user.mark({ action: 'read', ids: [ids[5]] })
  expect(titles(await user.list({ type: 'order.shipped' }))).toEqual(['9', '6', '3'])
  expect(titles(await user.list({ type: 'order.shipped', filter: 'unread' }))).toEqual(['9', '3'])
  expect(titles(await user.list({ type: 'order' }))).toEqual([])
  const query = { type: 'chat', limit: 2 }
  const pages = await everyPage(user, query, async () => sendTyped('bob', 'chat', 'later'))
  expect(pages.map((page) => titles(page))).toEqual([
    ['8', '7'],
    ['5', '4'],
    ['2', '1'],
  ])
})

test('pages miss and double none while the entries that they list are being marked', async () => {
  const receipts = await service.api.sendMany('carol', 12)
  const user = await AsUser.of(service.api, 'carol')
  // Marks move entries to the end of the log, and none in the list.
  const [first, , third] = receipts.map(({ id }) => id)
  const pages = await everyPage(user, { limit: 5, filter: 'all' }, async (page) => {
    const shown = page.items.map(({ id }) => id)
    await user.mark({ action: 'archived', ids: [...shown, first, third] })
    await user.mark({ action: 'unread', ids: shown })
  })
  expect(titles(...pages)).toEqual(receipts.map((_, index) => String(12 - index)))
})

test('pages of what is unread go on rightly while what they showed is being read', async () => {
  await service.api.sendMany('dave', 10)
  const user = await AsUser.of(service.api, 'dave')
  const pages = await everyPage(user, { limit: 3, filter: 'unread' }, (page) =>
    user.mark({ action: 'read', ids: page.items.map(({ id }) => id) }),
  )
  expect(titles(...pages)).toEqual(['10', '9', '8', '7', '6', '5', '4', '3', '2', '1'])
  expect(titles(await user.list({ filter: 'unread' }))).toEqual(['1'])
})
