import { expect, test } from 'vitest'
import { rowsIn, userOfInbox } from '../back-ends/database.js'
import { DeliveryList } from '../../src/protocol/deliveries.js'
import { InboxList } from '../../src/protocol/inbox.js'
import { NotificationOverview } from '../../src/protocol/send.js'
import type { TestClient } from '../client.js'
import { ClockedService } from './clocked-service.js'

// What time brings about happens although the process was killed, and whenever it comes back: all that is to be done stands
// on disk. The clock is the test's own; nothing here waits for time to pass.

const SECOND = 1_000
const DAY = 24 * 60 * 60 * SECOND

const toAlice = { to: { user: 'alice' }, type: 'test' }

const overview = async (service: ClockedService, id: string): Promise<NotificationOverview> =>
  NotificationOverview.parse(await (await service.request(`/v1/notifications/${id}`)).json())

const listed = async (service: ClockedService): Promise<(string | null)[]> =>
  InboxList.parse(await service.ask('alice', '/v1/inbox')).items.map(({ title }) => title)

const removals = (client: TestClient): [string, string][] =>
  client.all('removed').map(({ payload }) => [payload.id, payload.reason])

/** Resolves when a device has heard of so many removals. */
const removed = (client: TestClient, count: number): Promise<void> =>
  client.until(() => client.all('removed').length >= count, `${count} removals`)

test('a ttl that passes while the service is down takes the entry from who had it, and never shows it to others', async () => {
  await using service = await ClockedService.start()
  const short = await service.send({ ...toAlice, title: 'short', ttl: 60 })
  await service.send({ ...toAlice, title: 'long', ttl: 3_600 })
  {
    await using phone = await service.connect('alice', 'phone')
    await phone.acknowledgeAndWait(2)
  }
  await service.kill()
  await service.startAgain(60 * SECOND)

  await using tablet = await service.connect('alice', 'tablet')
  await using phone = await service.connect('alice', 'phone')
  // Before the sweep as after it: whoever comes first sees nothing of it but that it is gone.
  await Promise.all([removed(phone, 1), removed(tablet, 1)])
  expect([phone.titles, tablet.titles]).toEqual([[], ['long']])
  expect([removals(phone), removals(tablet)]).toEqual([
    [[short.id, 'expired']],
    [[short.id, 'expired']],
  ])
  expect(await listed(service)).toEqual(['long'])
  expect((await overview(service, short.id)).status).toBe('expired')
  expect(await service.ask('alice', '/v1/inbox/counts')).toMatchObject({ unread: 1, latest: 3 })
}, 60_000)

test('what was due while the service was down arrives at its start, once and in the order of the times', async () => {
  await using service = await ClockedService.start()
  const later = { ...toAlice, title: 'second', deliverAt: service.in(20 * SECOND) }
  const second = await service.send(later)
  await service.send({ ...toAlice, title: 'first', deliverAt: service.in(10 * SECOND) })
  await service.send({ ...toAlice, title: 'over', deliverAt: service.in(5 * SECOND), ttl: 1 })
  await service.send({ ...toAlice, title: 'third', deliverAt: service.in(DAY) })
  await service.kill()
  await service.startAgain(30 * SECOND)

  await using phone = await service.connect('alice', 'phone')
  await phone.received(2)
  expect(phone.titles).toEqual(['first', 'second'])
  expect(phone.seqs).toEqual([1, 2])
  expect((await overview(service, second.id)).status).toBe('stored')
  // What is due tomorrow has outlived the crash; again it is killed, and nothing comes twice.
  await service.kill()
  await service.startAgain(DAY - 40 * SECOND)
  await using again = await service.connect('alice', 'phone')
  await again.received(2)
  await again.settled()
  expect(again.titles).toEqual(['first', 'second'])
  await service.pass(40 * SECOND)
  await again.received(3)
  expect(again.titles.at(-1)).toBe('third')
  expect(again.seqs).toEqual([1, 2, 3])
}, 60_000)

test('what was recalled before the kill stays recalled: what had come is taken back, what was to come does not', async () => {
  await using service = await ClockedService.start()
  const { id } = await service.send({ ...toAlice, title: 'came' })
  const planned = await service.send({
    ...toAlice,
    title: 'planned',
    deliverAt: service.in(10 * SECOND),
  })
  {
    await using had = await service.connect('alice', 'had')
    await had.acknowledgeAndWait(1)
  }
  const statuses = await Promise.all(
    [id, planned.id].map(async (of) => {
      const { status } = await service.request(`/v1/notifications/${of}`, { method: 'DELETE' })
      return status
    }),
  )
  await service.kill()
  expect(statuses).toEqual([200, 200])
  await service.startAgain(20 * SECOND)

  await using had = await service.connect('alice', 'had')
  await using hadNot = await service.connect('alice', 'had-not')
  expect([had.titles, hadNot.titles]).toEqual([[], []])
  expect(removals(had)).toEqual([[id, 'recalled']])
  // Had it fired, it would stand before this one.
  await service.send({ ...toAlice, title: 'after' })
  await Promise.all([had.received(1), hadNot.received(1)])
  expect([had.titles, had.seqs]).toEqual([['after'], [3]])
  expect([
    (await overview(service, id)).status,
    (await overview(service, planned.id)).status,
  ]).toEqual(['recalled', 'recalled'])
}, 60_000)

test('a send to everyone that is killed on its way goes on where it stopped, and reaches each once', async () => {
  await using service = await ClockedService.start()
  const users = Array.from({ length: 3_900 }, (_, number) => `user-${number}`)
  for (let from = 0; from < users.length; from += 1_000) {
    await service.send({ to: { users: users.slice(from, from + 1_000) }, type: 'test' })
  }
  // Where the kill falls is not ours to say: again, until it falls on the way.
  let [id, attempts] = ['', 0]
  for (let stored = users.length; stored === users.length; attempts++) {
    expect(attempts).toBeLessThan(10)
    const receipt = await service.send({ to: { everyone: true }, type: 'all' })
    ;({ id } = receipt)
    await service.kill()
    const { status, recipients } = receipt
    expect([status, recipients]).toEqual(['fanning_out', { total: users.length, stored: 0 }])
    stored = await storedOf(service.databasePath, id)
    await service.startAgain(0)
  }

  await using last = await service.connect(users.at(-1) ?? '', 'phone')
  await last.find(({ type, payload }) => type === 'notification' && payload.notification.id === id)
  expect(await overview(service, id)).toMatchObject({
    status: 'stored',
    recipients: { total: users.length, stored: users.length },
  })
  expect(await storedOf(service.databasePath, id)).toBe(users.length)
  const had = attempts + 1
  expect(await service.ask('user-0', '/v1/inbox/counts')).toMatchObject({
    unread: had,
    latest: had,
  })
}, 120_000)

/** In how many inboxes a notification stands: never twice in one, by the schema and by this. */
async function storedOf(path: string, id: string): Promise<number> {
  const found = await rowsIn(
    path,
    `SELECT ${userOfInbox()} AS user_id FROM inbox
     JOIN notifications ON notifications.id = inbox.notification WHERE uuid = ?`,
    [id],
  )
  expect(new Set(found.map((row) => JSON.stringify(row))).size).toBe(found.length)
  return found.length
}

test('a recall from many inboxes that is killed on its way is done after the start', async () => {
  await using service = await ClockedService.start()
  const users = Array.from({ length: 1_000 }, (_, number) => `user-${number}`)
  const { id } = await service.send({ to: { users }, type: 'test', title: 'wrong' })
  const recalled = await service.request(`/v1/notifications/${id}`, { method: 'DELETE' })
  await service.kill()
  expect(recalled.status).toBe(202)

  await service.startAgain(0)
  await using last = await service.connect('user-999', 'phone')
  await removed(last, 1)
  const deliveries = await service.request(`/v1/notifications/${id}/deliveries?limit=100`)
  const { items } = DeliveryList.parse(await deliveries.json())
  expect(new Set(items.map(({ status }) => status))).toEqual(new Set(['recalled']))
  expect(await service.ask('user-500', '/v1/inbox/counts')).toMatchObject({ unread: 0, latest: 2 })
}, 60_000)

test('what grew too old while the service was down is gone after the start, and a device that missed it is told', async () => {
  await using service = await ClockedService.start({ RETENTION_DAYS: '30' })
  const old = await service.send({ ...toAlice, title: 'old' })
  await service.pass(20 * DAY)
  const young = await service.send({ ...toAlice, title: 'young' })
  await service.kill()
  await service.startAgain(11 * DAY)

  // The pass begins at the start: until it is done a device may still be sent what it takes.
  await using early = await service.connect('alice', 'early')
  await early.until(
    () => early.messages.some(({ type }) => type === 'gap' || type === 'counts'),
    'retention',
  )
  await using late = await service.connect('alice', 'late')
  expect(late.all('gap').map(({ payload }) => payload)).toEqual([
    { from: 0, to: 1, reason: 'retention' },
  ])
  expect(late.titles).toEqual(['young'])
  expect(await listed(service)).toEqual(['young'])
  expect(await service.ask('alice', '/v1/inbox/counts')).toMatchObject({ unread: 1 })
  expect((await overview(service, young.id)).status).toBe('stored')
  expect((await service.request(`/v1/notifications/${old.id}`)).status).toBe(404)
}, 60_000)
