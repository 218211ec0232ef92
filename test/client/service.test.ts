import { expect, test } from 'vitest'
import { deferred } from '../deferred.js'
import { Recorder } from './recorder.js'
import { Stage, tokenFor } from './stage/stage.js'

test('receives live, acknowledges to disk, and comes back to a service that was restarted', async () => {
  await using stage = await Stage.open()
  await using inbox = stage.connect()
  const client = new Recorder(inbox)
  await client.live()
  await stage.send(3)
  await client.received(3)
  expect(client.notifications.map(({ replayed, isNew }) => [replayed, isNew])).toEqual(
    Array.from({ length: 3 }, () => [false, true]),
  )
  await stage.cursorAt(3)
  await stage.stop()
  await client.until(() => client.states.includes('waiting'))

  await stage.start()
  await stage.send(3, 4)
  await client.received(6)
  expect(client.seqs).toEqual([1, 2, 3, 4, 5, 6])
  expect(inbox.items().map(({ title }) => title)).toEqual(['6', '5', '4', '3', '2', '1'])
  await stage.cursorAt(6)
})

test('goes on anew where the client before stopped, marked as replayed', async () => {
  await using stage = await Stage.open()
  const before = new Recorder(stage.connect())
  await before.live()
  await stage.send(2)
  await before.received(2)
  await before.inbox.close()
  await stage.send(2, 3)
  await using inbox = stage.connect()
  const after = new Recorder(inbox)
  await after.live()
  await after.received(2)
  expect(
    after.notifications.map(({ notification, replayed }) => [notification.title, replayed]),
  ).toEqual([
    ['3', true],
    ['4', true],
  ])
  // What this client was not handed it has from the list.
  await after.until(() => inbox.items().length === 4)
  expect(after.errors).toEqual([])
})

test('marks, and sees on one device what another has read', async () => {
  await using stage = await Stage.open()
  await using phone = stage.connect()
  await using laptop = stage.connect({ device: 'laptop' })
  const onPhone = new Recorder(phone)
  const onLaptop = new Recorder(laptop)
  await Promise.all([onPhone.live(), onLaptop.live()])
  const [receipt] = await stage.send(3)
  await Promise.all([onPhone.received(3), onLaptop.received(3)])
  expect(await phone.markRead(receipt?.id ?? '')).toMatchObject({ updated: 1, unread: 2 })
  await onLaptop.until(() => laptop.counts?.unread === 2)
  expect(laptop.items().filter(({ readAt }) => readAt !== null)).toHaveLength(1)
  expect(await laptop.markRead('all')).toMatchObject({ updated: 2, unread: 0 })
  await onPhone.until(() => phone.counts?.unread === 0)
  await expect(phone.subscribe('news')).rejects.toMatchObject({ code: 'topic_not_allowed' })
})

test('holds the newest, more of them when asked to, and what comes out of the archive elsewhere', async () => {
  await using stage = await Stage.open()
  const receipts = await stage.send(60)
  const old = receipts[29]?.id ?? ''
  await stage.mark({ action: 'archived', ids: [old] })
  await using inbox = stage.connect({ maxItems: 5 })
  const client = new Recorder(inbox)
  const titles = (): (string | null)[] => inbox.items().map(({ title }) => title)
  await client.until(() => client.seqs.length === 60 && titles()[0] === '60')
  expect([titles(), inbox.hasMore]).toEqual([['60', '59', '58', '57', '56'], true])
  await inbox.loadMore()
  expect([titles().length, titles().includes('30'), titles().at(-1)]).toEqual([55, false, '5'])
  await stage.mark({ action: 'unarchived', ids: [old] })
  await client.until(() => titles().includes('30'))
  expect([titles().length, titles().at(-1), inbox.hasMore]).toEqual([55, '6', true])
  await inbox.loadMore()
  expect([titles().length, titles().at(-1), inbox.hasMore]).toEqual([60, '1', false])
})

test('sends a fresh token on the open connection before the old one ends', async () => {
  await using stage = await Stage.open()
  let asked = 0
  const askedAgain = deferred<void>()
  await using inbox = stage.connect({
    token: () => {
      if (++asked === 2) askedAgain.resolve()
      return tokenFor('alice', {}, asked === 1 ? 30 : 3_600)
    },
  })
  const client = new Recorder(inbox)
  await client.live()
  // The service warns at once of a token that has less than a minute.
  await askedAgain.promise
  await stage.send(1)
  await client.received(1)
  expect(client.states).toEqual(['replaying', 'live'])
  expect(client.errors).toEqual([])
})

test('asks for another token where one is refused, and gives up where the device is not its own', async () => {
  await using stage = await Stage.open()
  let asked = 0
  await using inbox = stage.connect({
    token: () => (++asked === 1 ? 'no.token.at-all' : tokenFor('alice')),
  })
  const client = new Recorder(inbox)
  await client.live()
  expect([asked, client.states]).toEqual([2, ['waiting', 'connecting', 'replaying', 'live']])

  await using stranger = stage.connect({
    device: 'tablet',
    token: () => tokenFor('alice', { device: 'laptop' }),
  })
  const other = new Recorder(stranger)
  await other.until(() => stranger.status.state === 'closed')
  const why = { by: 'service', code: 4403, reason: 'device_not_allowed' }
  expect(stranger.status).toEqual({ state: 'closed', why })
  await other.until(() => other.errors.length > 0)
  expect(other.errors).toEqual(['device_not_allowed'])
})

test('marks as many one by one as an application likes, without a refusal', async () => {
  await using stage = await Stage.open()
  const receipts = await stage.send(120)
  await using inbox = stage.connect()
  const client = new Recorder(inbox)
  await client.received(120)
  const marked = await Promise.all(receipts.map(({ id }) => inbox.markRead(id)))
  expect(marked.map(({ updated }) => updated)).toEqual(receipts.map(() => 1))
  await client.until(() => inbox.counts?.unread === 0)
  expect(client.errors).toEqual([])
  expect(client.states.filter((state) => state === 'waiting')).toEqual([])
})
