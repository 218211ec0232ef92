import { expect, test } from 'vitest'
import { InboxList } from '../../src/protocol/inbox.js'
import { SendReceipt } from '../../src/protocol/send.js'
import type { TestClient } from '../client.js'
import { serviceToken, startService, tokenFor, type Api } from '../harness.js'
import { acknowledged } from './heard.js'

async function send(api: Api, body: object): Promise<SendReceipt> {
  const said = { to: { user: 'alice' }, type: 'test', ...body }
  const response = await api.post(said, { token: await serviceToken() })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
  return SendReceipt.parse(await response.json())
}

async function recall(api: Api, id: string): Promise<void> {
  const token = await serviceToken()
  const response = await api.request(`/v1/notifications/${id}`, { method: 'DELETE', token })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
}

async function connected(api: Api, device: string): Promise<TestClient> {
  const client = await api.connect('alice', { device })
  await client.first('caught_up')
  return client
}

/** What a device holds by the protocol's own rules, of what one connection after another told it. */
class Screen {
  readonly #shown = new Map<string, { seq: number; title: string; collapseKey: string | null }>()
  /** Every title that ever was on it. */
  readonly everShown: string[] = []

  take({ messages }: TestClient): this {
    for (const { type, payload } of messages) {
      if (type === 'notification') {
        const { id, title, collapseKey } = payload.notification
        if (collapseKey !== null) this.#drop(collapseKey, payload.seq)
        this.#shown.set(id, { seq: payload.seq, title: title ?? '', collapseKey })
        this.everShown.push(title ?? '')
      }
      if (type === 'removed') {
        this.#shown.delete(payload.id)
        if (payload.collapseKey !== undefined) this.#drop(payload.collapseKey, payload.seq)
      }
    }
    return this
  }

  get titles(): string[] {
    return [...this.#shown.values()].map(({ title }) => title)
  }

  #drop(key: string, before: number): void {
    for (const [id, { seq, collapseKey }] of this.#shown) {
      if (collapseKey === key && seq < before) this.#shown.delete(id)
    }
  }
}

async function listed(api: Api): Promise<(string | null)[]> {
  const response = await api.request('/v1/inbox', { token: await tokenFor('alice') })
  return InboxList.parse(await response.json()).items.map(({ title }) => title)
}

test('recalled while tablets were off: one that had it drops it, one that had not never shows it', async () => {
  await using service = await startService()
  const { api } = service
  await send(api, { title: 'stays' })
  await acknowledged(api, 'had-not', 1)
  const { id } = await send(api, { title: 'wrong' })
  const had = new Screen()
  {
    await using tablet = await connected(api, 'had')
    await tablet.acknowledgeAndWait(2)
    had.take(tablet)
  }
  expect(had.titles).toEqual(['stays', 'wrong'])
  await recall(api, id)

  await using back = await connected(api, 'had')
  expect(had.take(back).titles).toEqual(['stays'])
  expect(back.all('removed').map(({ payload }) => payload)).toEqual([
    { seq: 3, id, reason: 'recalled' },
  ])
  await using other = await connected(api, 'had-not')
  await using fresh = await connected(api, 'fresh')
  expect(new Screen().take(other).everShown).toEqual([])
  expect(new Screen().take(fresh).everShown).toEqual(['stays'])
  expect(await listed(api)).toEqual(['stays'])
})

test('who is connected drops it at once, with the counts as of then', async () => {
  await using service = await startService()
  const { api } = service
  await send(api, { title: 'stays' })
  await using phone = await connected(api, 'phone')
  const { id } = await send(api, { title: 'wrong' })
  await phone.reached(2)
  await recall(api, id)
  expect((await phone.first('removed')).payload).toEqual({
    seq: 3,
    id,
    reason: 'recalled',
    unread: 1,
    unseen: 1,
  })
  expect(new Screen().take(phone).titles).toEqual(['stays'])
  await phone.acknowledgeAndWait(3)
})

test('a ghost: the tablet holds what was replaced, and then its successor was recalled', async () => {
  await using service = await startService()
  const { api } = service
  await send(api, { title: 'Arrives Tuesday', collapseKey: 'order-1' })
  const screen = new Screen()
  {
    await using tablet = await connected(api, 'tablet')
    await tablet.acknowledgeAndWait(1)
    screen.take(tablet)
  }
  const { id } = await send(api, { title: 'Arrives Wednesday', collapseKey: 'order-1' })
  await recall(api, id)

  await using tablet = await connected(api, 'tablet')
  expect(tablet.titles).toEqual([])
  expect(tablet.all('removed').map(({ payload }) => payload)).toEqual([
    { seq: 3, id, collapseKey: 'order-1', reason: 'recalled' },
  ])
  expect(screen.titles).toEqual(['Arrives Tuesday'])
  expect(screen.take(tablet).titles).toEqual([])
  expect(await listed(api)).toEqual([])
  // Who comes anew is not haunted either, and a third one of the key stands alone.
  await using fresh = await connected(api, 'fresh')
  await send(api, { title: 'Arrives Thursday', collapseKey: 'order-1' })
  await Promise.all([tablet.received(1), fresh.received(1)])
  expect(new Screen().take(fresh).everShown).toEqual(['Arrives Thursday'])
  expect(screen.take(tablet).titles).toEqual(['Arrives Thursday'])
})

test('a ghost: what was replaced is recalled itself, and its successor stays', async () => {
  await using service = await startService()
  const { api } = service
  const { id } = await send(api, { title: 'first', collapseKey: 'k' })
  const screen = new Screen()
  {
    await using tablet = await connected(api, 'tablet')
    await tablet.acknowledgeAndWait(1)
    screen.take(tablet)
  }
  await send(api, { title: 'second', collapseKey: 'k' })
  await recall(api, id)
  await using tablet = await connected(api, 'tablet')
  expect(screen.take(tablet).titles).toEqual(['second'])
  expect(tablet.all('removed')).toEqual([])
})

test('a ghost: received, not acknowledged, then recalled', async () => {
  await using service = await startService()
  const { api } = service
  const { id } = await send(api, { title: 'wrong' })
  const screen = new Screen()
  {
    await using tablet = await connected(api, 'tablet')
    screen.take(tablet)
  }
  expect(screen.titles).toEqual(['wrong'])
  await recall(api, id)
  await using tablet = await connected(api, 'tablet')
  expect(tablet.titles).toEqual([])
  expect(screen.take(tablet).titles).toEqual([])
})

test('a ghost: received, not acknowledged, replaced, then recalled', async () => {
  await using service = await startService()
  const { api } = service
  await send(api, { title: 'first', collapseKey: 'k' })
  const screen = new Screen()
  {
    await using tablet = await connected(api, 'tablet')
    screen.take(tablet)
  }
  const { id } = await send(api, { title: 'second', collapseKey: 'k' })
  await recall(api, id)
  await using tablet = await connected(api, 'tablet')
  expect(screen.take(tablet)).toMatchObject({ titles: [], everShown: ['first'] })
})

test('forty updates with one collapse key while a device is away: it receives one', async () => {
  await using service = await startService()
  const { api } = service
  await send(api, { title: 'other' })
  await acknowledged(api, 'tablet', 1)
  await using phone = await connected(api, 'phone')
  for (let number = 1; number <= 40; number++) {
    await send(api, { title: `Score ${number}`, collapseKey: 'match-7' })
  }
  await using tablet = await connected(api, 'tablet')
  expect(tablet.titles).toEqual(['Score 40'])
  expect(tablet.seqs).toEqual([41])
  expect((await tablet.first('caught_up')).payload).toMatchObject({ unread: 2, unseen: 2 })
  expect(await listed(api)).toEqual(['Score 40', 'other'])
  // Who was there saw each, and holds one.
  await phone.reached(41)
  expect(new Screen().take(phone).titles).toEqual(['other', 'Score 40'])
  expect(phone.all('notification').at(-1)?.payload).toMatchObject({ unread: 2, unseen: 2 })
})

test('what takes the place of something read is unread again', async () => {
  await using service = await startService()
  const { api } = service
  const { id } = await send(api, { title: 'first', collapseKey: 'k' })
  await api.mark('alice', { action: 'archived', ids: [id] })
  await using phone = await connected(api, 'phone')
  await send(api, { title: 'second', collapseKey: 'k' })
  expect((await phone.reached(3)).payload).toMatchObject({ unread: 1, unseen: 1 })
  expect(phone.all('notification').at(-1)?.payload.notification).toMatchObject({
    title: 'second',
    arrivedSeq: 3,
    readAt: null,
    archivedAt: null,
  })
  expect(await listed(api)).toEqual(['second'])
})
