import { expect, test } from 'vitest'
import { startService } from '../harness.js'
import { heard, forms, acknowledged, connected, countsOf } from './heard.js'

test('a start below the stored cursor gets everything whole', async () => {
  await using service = await startService()
  const { api } = service
  const receipts = await api.sendMany('alice', 3)
  await acknowledged(api, 'phone', 3)
  await api.mark('alice', { action: 'read', ids: [receipts[0]?.id ?? ''] })
  const { epoch } = await countsOf(api, 'alice')
  const from = (cursor: string) => api.connect('alice', { query: { cursor, epoch } })

  await using below = await from('1')
  await below.first('caught_up')
  expect(forms(below)).toEqual([
    ['notification', 2],
    ['notification', 3],
    ['notification', 4],
  ])
  await using stored = await from('3')
  await stored.first('caught_up')
  expect(forms(stored)).toEqual([['updated', 4]])
})

test('content that `cursor=latest` skipped comes whole when it is marked', async () => {
  await using service = await startService()
  const { api } = service
  const { id } = await api.send('alice', 'skipped')
  await using phone = await api.connect('alice', { query: { cursor: 'latest' } })
  await phone.first('caught_up')
  await phone.mark({ action: 'seen', ids: [id] })
  // What moves on before it is read is told where it rests.
  await phone.reached(2)
  await phone.mark({ action: 'read', ids: [id] })
  await phone.reached(3)
  expect(phone.all('notification')[0]?.payload).toMatchObject({
    seq: 2,
    replayed: false,
    notification: { title: 'skipped', arrivedSeq: 1 },
    unread: 1,
    unseen: 0,
  })
  // By then it has been sent the content.
  expect(forms(phone)).toEqual([
    ['notification', 2],
    ['updated', 3],
  ])
})

test('counts on live events are those of their moment', async () => {
  await using service = await startService()
  const { api } = service
  await using phone = await connected(api, 'phone')
  await using laptop = await connected(api, 'laptop')
  const [a, b] = (await api.sendMany('alice', 2)).map(({ id }) => id)
  const actions = [
    ['seen', a],
    ['read', a],
    ['archived', b],
    ['unarchived', b],
    ['unread', b],
    ['archived', b],
  ] as const
  for (const [action, id = ''] of actions) await api.mark('alice', { action, ids: [id] })
  await Promise.all([phone.reached(8), laptop.reached(8)])
  expect(heard(phone)).toEqual([
    ['notification', 1, 1, 1],
    ['notification', 2, 2, 2],
    ['updated', 3, 2, 1],
    ['updated', 4, 1, 1],
    // Archived it is read and seen too, and stays so when it comes back.
    ['updated', 5, 0, 0],
    ['updated', 6, 0, 0],
    ['updated', 7, 1, 0],
    ['updated', 8, 0, 0],
  ])
  expect(heard(laptop)).toEqual(heard(phone))
})

test('archived sets read too where what was archived is unread again', async () => {
  await using service = await startService()
  const { api } = service
  const { id } = await api.send('alice', 'once')
  await using phone = await connected(api, 'phone')
  const actions = ['archived', 'unread', 'archived', 'archived'] as const
  for (const action of actions) await phone.mark({ action, ids: [id] })
  await phone.settled()
  const [first, unread, last, ...more] = phone.all('updated').map(({ payload }) => payload)
  expect(more).toEqual([])
  expect(unread).toMatchObject({ seq: 3, readAt: null, archivedAt: first?.archivedAt })
  expect(last).toMatchObject({ seq: 4, archivedAt: first?.archivedAt, unread: 0 })
  expect(last?.readAt).not.toBeNull()
})

test('the window and `caught_up` go by what stands in the log, whose numbers have holes', async () => {
  await using service = await startService({ environment: { MAX_UNACKED: '2' } })
  const { api } = service
  const receipts = await api.sendMany('alice', 5)
  const ids = [receipts[1]?.id ?? '', receipts[3]?.id ?? '']
  await api.mark('alice', { action: 'read', ids })

  await using phone = await api.connect('alice')
  await phone.reached(3)
  await phone.settled()
  expect(forms(phone).map(([, seq]) => seq)).toEqual([1, 3])
  phone.acknowledge(4, 'a hole that was not passed')
  expect((await phone.first('error')).payload.code).toBe('ack_ahead')
  // A hole that was passed counts for no entry.
  await phone.acknowledgeAndWait(2)
  await phone.reached(5)
  await phone.acknowledgeAndWait(5)
  await phone.first('caught_up')
  expect(
    phone.messages
      .slice(1)
      .flatMap(({ type, payload }) => ('seq' in payload ? [[type, payload.seq]] : [])),
  ).toEqual([
    ['notification', 1],
    ['notification', 3],
    ['notification', 5],
    ['notification', 6],
    ['notification', 7],
    ['caught_up', 7],
  ])
})
