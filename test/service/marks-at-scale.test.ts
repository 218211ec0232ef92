import { join } from 'node:path'
import { expect, test } from 'vitest'
import { InboxList } from '../../src/protocol/inbox.js'
import type { Notification } from '../../src/protocol/notification.js'
import type { TestClient } from '../client.js'
import { startService, temporaryFolder, tokenFor, type Api } from '../harness.js'
import { ServiceProcess } from '../process.js'
import { drawSeed, seededRandom } from '../random.js'

/** Sends from several senders at once, until told to stop; what was answered, in order of `seq`. */
async function sendWhile(api: Api, goesOn: () => boolean): Promise<number[]> {
  const seqs: number[] = []
  const sender = async (): Promise<void> => {
    while (goesOn()) seqs.push((await api.send('alice', 'meanwhile')).seq ?? NaN)
  }
  await Promise.all(Array.from({ length: 4 }, sender))
  return seqs.toSorted((a, b) => a - b)
}

async function fill(api: Api, count: number): Promise<string[]> {
  const ids: string[] = []
  while (ids.length < count) {
    const some = await Promise.all(Array.from({ length: 50 }, () => api.send('alice', 'before')))
    ids.push(...some.map(({ id }) => id))
  }
  return ids
}

/** The whole inbox, page by page, and the counts that were told with it. */
async function inboxOf(
  api: Api,
): Promise<{ items: Notification[]; unread: number; epoch: string }> {
  const token = await tokenFor('alice')
  const items: Notification[] = []
  for (let page = ''; ;) {
    const response = await api.request(`/v1/inbox?filter=all&limit=100${page}`, { token })
    const list = InboxList.parse(await response.json())
    items.push(...list.items)
    if (list.nextPage === null) return { items, unread: list.unread, epoch: list.epoch }
    page = `&page=${list.nextPage}`
  }
}

/** What a client knows of each entry once it has taken everything in: where it stands, and when it was read. */
function knownTo(client: TestClient): Map<string, { seq: number; readAt: string | null }> {
  const known = new Map<string, { seq: number; readAt: string | null }>()
  for (const { type, payload } of client.entries) {
    if (type === 'removed') throw new Error('nothing was taken out')
    const { id, readAt } = type === 'notification' ? payload.notification : payload
    known.set(id, { seq: payload.seq, readAt })
  }
  return known
}

function truthOf(items: Notification[]): Map<string, { seq: number; readAt: string | null }> {
  return new Map(items.map(({ id, seq, readAt }) => [id, { seq, readAt }]))
}

function expectInOrder(client: TestClient): void {
  const seqs = client.entries.map(({ payload }) => payload.seq)
  expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
}

test('a thousand are marked at once: sends are answered between the steps, and each device hears all in order', async () => {
  await using service = await startService({ environment: { INBOX_LIMIT: '50000' } })
  const { api } = service
  await fill(api, 1_000)
  const { epoch } = await inboxOf(api)
  const heard = { acknowledges: true, query: { batch: 'true' } }
  await using phone = await api.connect('alice', heard)
  await using laptop = await api.connect('alice', { ...heard, device: 'laptop' })
  await Promise.all([phone.first('caught_up'), laptop.first('caught_up')])

  let marking = true
  const sending = sendWhile(api, () => marking)
  const result = await api.mark('alice', { action: 'read', upTo: 1_000, epoch })
  marking = false
  const sent = await sending

  expect(result.updated).toBe(1_000)
  const { items, unread } = await inboxOf(api)
  const latest = Math.max(...items.map(({ seq }) => seq))
  expect([items.length, unread, latest]).toEqual([
    1_000 + sent.length,
    sent.length,
    2_000 + sent.length,
  ])
  const marked = items.flatMap(({ seq, readAt }) => (readAt === null ? [] : [seq]))
  const [first, last] = [Math.min(...marked), Math.max(...marked)]
  const between = sent.filter((seq) => seq > first && seq < last)
  expect(between.length).toBeGreaterThan(0)
  await Promise.all([phone.reached(latest), laptop.reached(latest)])
  for (const client of [phone, laptop]) {
    expectInOrder(client)
    expect(knownTo(client)).toEqual(truthOf(items))
    expect(client.entries.at(-1)?.payload).toMatchObject({ unread })
  }
})

const seed = drawSeed()

test(`what a mark was answered for stands after a kill, and every device comes to know it (SEED=${seed})`, async () => {
  const random = seededRandom(seed)
  using folder = temporaryFolder()
  const databasePath = join(folder.path, 'posthorn.db')
  const read = new Set<string>()
  {
    await using service = await ServiceProcess.start(databasePath)
    const { api } = service
    const ids = await fill(api, 600)
    const { epoch } = await inboxOf(api)
    await using phone = await api.connect('alice', { acknowledges: true })
    await phone.reached(600)
    // By ids a few at a time, and the rest by one large mark, which the kill is to meet halfway.
    const enough = Math.floor(random() * 15)
    for (let from = 0; from < enough * 20; from += 20) {
      const some = ids.slice(from, from + 20)
      expect((await api.mark('alice', { action: 'read', ids: some })).updated).toBe(20)
      for (const id of some) read.add(id)
    }
    const bulk = api.mark('alice', { action: 'read', upTo: 600, epoch }).catch(() => undefined)
    await phone.reached(600 + read.size + 1)
    await service.kill()
    if (await bulk) for (const id of ids) read.add(id)
  }
  await using service = await ServiceProcess.start(databasePath)
  const { api } = service
  const { items, unread } = await inboxOf(api)
  expect(items).toHaveLength(600)
  const unreadItems = items.filter(({ readAt }) => readAt === null)
  expect(unreadItems.filter(({ id }) => read.has(id))).toEqual([])
  // The counts stand in the transactions of the steps.
  expect(unread).toBe(unreadItems.length)

  await using fresh = await api.connect('alice', { acknowledges: true, device: 'laptop' })
  await fresh.first('caught_up')
  expectInOrder(fresh)
  expect(knownTo(fresh)).toEqual(truthOf(items))
  // The log goes on where it stood.
  const { seq } = await api.send('alice', 'after')
  expect(seq).toBe(Math.max(...items.map((item) => item.seq)) + 1)
}, 60_000)
