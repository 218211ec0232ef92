import { expect, test } from 'vitest'
import { InboxList } from '../../src/protocol/inbox.js'
import type { TestClient } from '../client.js'
import { startService, tokenFor, type Api } from '../harness.js'
import { acknowledged, countsOf } from './heard.js'

const DAY_MS = 24 * 60 * 60 * 1000

async function listed(api: Api, token: string): Promise<(string | null)[]> {
  const response = await api.request('/v1/inbox?limit=100', { token })
  return InboxList.parse(await response.json()).items.map(({ title }) => title)
}

const gaps = (client: TestClient) => client.all('gap').map(({ payload }) => payload)
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

test('over INBOX_LIMIT the oldest go: a device that missed them is told by a gap, and the list is what is left', async () => {
  await using service = await startService({ environment: { INBOX_LIMIT: '10' } })
  const { api } = service
  await api.sendMany('alice', 3)
  await acknowledged(api, 'tablet', 3)
  await using phone = await api.connect('alice', { device: 'phone', acknowledges: true })
  await phone.first('caught_up')
  await api.sendMany('alice', 22, 4)

  // Who was there missed nothing, so is told of no gap; the counts are those of what is left.
  await phone.received(25)
  expect([gaps(phone), phone.titles]).toEqual([[], numbers(1, 25)])
  expect(phone.all('notification').at(-1)?.payload).toMatchObject({ unread: 10, unseen: 10 })

  await using tablet = await api.connect('alice', { device: 'tablet' })
  await tablet.first('caught_up')
  expect(gaps(tablet)).toEqual([{ from: 3, to: 15, reason: 'retention' }])
  expect(tablet.messages[1]?.type).toBe('gap')
  expect(tablet.titles).toEqual(numbers(16, 25))
  expect(await listed(api, await tokenFor('alice'))).toEqual(numbers(16, 25).toReversed())
  await using fresh = await api.connect('alice', { device: 'fresh' })
  await fresh.first('caught_up')
  expect(gaps(fresh)).toEqual([{ from: 0, to: 15, reason: 'retention' }])

  // The gap's end is behind it: it may be acknowledged, and no later connection hears of it again.
  await tablet.acknowledgeAndWait(15)
  await using again = await api.connect('alice', { device: 'tablet' })
  await again.first('caught_up')
  expect((await again.first('welcome')).payload.cursor).toBe(15)
  expect([gaps(again), again.titles]).toEqual([[], numbers(16, 25)])
})

test('a connection that is too slow is told of what was removed before it got there', async () => {
  await using service = await startService({
    environment: { INBOX_LIMIT: '5', MAX_UNACKED: '2' },
  })
  const { api } = service
  await using phone = await api.connect('alice')
  await phone.first('caught_up')
  await api.sendMany('alice', 20)
  await phone.received(2)
  await phone.settled()
  expect(phone.titles).toEqual(['1', '2'])
  phone.acknowledge(2)
  await phone.received(4)
  expect(gaps(phone)).toEqual([{ from: 2, to: 15, reason: 'retention' }])
  expect(phone.titles).toEqual(['1', '2', '16', '17'])
  await phone.acknowledgeAndWait(15)
  expect((await phone.first('welcome')).payload.latest).toBe(0)
})

test('after RETENTION_DAYS entries go, in the order of their latest change, while others are sent', async () => {
  let now = Date.now()
  await using service = await startService({
    clock: () => now,
    environment: { RETENTION_DAYS: '2' },
  })
  const { api } = service
  const token = await tokenFor('alice', {}, { ttlSeconds: 30 * 86_400 })
  const shop = await tokenFor('shop', { scope: 'posthorn:send' }, { ttlSeconds: 30 * 86_400 })
  const send = async (to: object, title: string): Promise<void> => {
    const response = await api.post({ to, type: 'test', title }, { token: shop })
    expect(response.status).toBe(201)
  }
  const crowd = Array.from({ length: 200 }, (_, number) => `user-${number}`)
  await send({ users: crowd }, 'old')
  const receipts = await api.sendMany('alice', 150)
  const { epoch } = await countsOf(api, 'alice')
  now += DAY_MS
  const mark = { action: 'read', ids: [receipts[0]?.id] }
  await api.request('/v1/inbox/mark', { method: 'POST', token, body: mark })

  await using phone = await api.connect('alice', { device: 'phone', token, acknowledges: true })
  await phone.first('caught_up')
  now += DAY_MS + 1
  // It goes in small steps, between which sends are answered. All that is left unread then is what was sent meanwhile.
  const arrived = (): string[] => phone.titles.filter((title) => title === 'meanwhile')
  const isGone = (): boolean =>
    phone.all('counts').some(({ payload }) => payload.unread <= arrived().length)
  let sent = 0
  for (; !isGone() && sent < 800; sent++) await send({ user: 'alice' }, 'meanwhile')
  expect(isGone()).toBe(true)
  const left = await listed(api, token)
  expect(left).toEqual([...Array<string>(sent).fill('meanwhile'), '1'].slice(0, 100))
  expect(gaps(phone)).toEqual([])

  const changes = await api.request(`/v1/inbox/changes?after=0&epoch=${epoch}&limit=1`, { token })
  expect(await changes.json()).toMatchObject({
    events: [
      { type: 'gap', payload: { from: 0, to: 150, reason: 'retention' } },
      { type: 'notification', payload: { seq: 151, notification: { title: '1' } } },
    ],
    next: 151,
    caughtUp: false,
  })
  await using tablet = await api.connect('alice', { device: 'tablet', token })
  await tablet.first('caught_up')
  expect(gaps(tablet)).toEqual([{ from: 0, to: 150, reason: 'retention' }])
})
