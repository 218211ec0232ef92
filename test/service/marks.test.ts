import { expect, test, vi } from 'vitest'
import { InboxCounts } from '../../src/protocol/inbox.js'
import { MarkResult } from '../../src/protocol/mark.js'
import type { TestClient } from '../client.js'
import { startService, tokenFor, type Api } from '../harness.js'

/** Of each entry that came: in which form, its `seq`, and the counts with it. */
const heard = (client: TestClient) =>
  client.entries.map(({ type, payload: { seq, unread, unseen } }) => [type, seq, unread, unseen])

const forms = (client: TestClient) => client.entries.map(({ type, payload }) => [type, payload.seq])

/** A device that has acknowledged all up to `seq`, and is off again. */
async function acknowledged(api: Api, device: string, seq: number): Promise<void> {
  await using client = await api.connect('alice', { device })
  await client.first('caught_up')
  await client.acknowledgeAndWait(seq)
}

async function connected(api: Api, device: string): Promise<TestClient> {
  const client = await api.connect('alice', { device, acknowledges: true })
  await client.first('caught_up')
  return client
}

async function countsOf(api: Api, user: string): Promise<InboxCounts> {
  const response = await api.request('/v1/inbox/counts', { token: await tokenFor(user) })
  return InboxCounts.parse(await response.json())
}

test("read on the phone, the laptop's badge and entry change at once, and a tablet that was off hears of it when it comes back", async () => {
  await using service = await startService()
  const { api } = service
  const [first] = await api.sendMany('alice', 2)
  const id = first?.id ?? ''
  await acknowledged(api, 'tablet', 2)
  await using phone = await connected(api, 'phone')
  await using laptop = await connected(api, 'laptop')

  await phone.mark({ action: 'read', ids: [id] })
  const { type, payload } = await laptop.reached(3)
  expect(type).toBe('updated')
  expect(payload).toMatchObject({ id, archivedAt: null, unread: 1, unseen: 1 })
  const { seenAt, readAt } = type === 'updated' ? payload : {}
  expect(readAt).toMatch(/^\d{4}-.*\.\d{3}Z$/)
  expect(seenAt).toBe(readAt)

  await using tablet = await connected(api, 'tablet')
  expect(tablet.entries).toEqual([
    { type: 'updated', payload: { seq: 3, id, seenAt, readAt, archivedAt: null } },
  ])
  expect((await tablet.first('caught_up')).payload).toEqual({ seq: 3, unread: 1, unseen: 1 })
})

test('a device that has not acknowledged the content gets it whole, one that has gets its new state', async () => {
  await using service = await startService()
  const { api } = service
  const { id } = await api.send('alice', 'marked')
  await acknowledged(api, 'has', 1)
  {
    // It was sent the content, and did not say that it has it.
    await using had = await api.connect('alice', { device: 'had' })
    await had.first('caught_up')
  }
  await api.mark('alice', { action: 'read', ids: [id] })

  await using has = await connected(api, 'has')
  await using had = await connected(api, 'had')
  await using fresh = await connected(api, 'fresh')
  expect([has, had, fresh].map(forms)).toEqual([
    [['updated', 2]],
    [['notification', 2]],
    [['notification', 2]],
  ])
  for (const whole of [had, fresh]) {
    const { notification } = whole.all('notification')[0]?.payload ?? {}
    expect(notification).toMatchObject({ id, title: 'marked', seq: 2, arrivedSeq: 1 })
    expect(notification?.readAt).toBe(has.all('updated')[0]?.payload.readAt)
  }
})

test('a mark over the socket is answered with its result, and the connection that asked gets the events too', async () => {
  await using service = await startService()
  const { api } = service
  const receipts = await api.sendMany('alice', 3)
  const ids = receipts.map(({ id }) => id)
  await using phone = await connected(api, 'phone')

  const strange = '01990000-0000-7000-8000-000000000000'
  const result = await phone.mark({
    action: 'archived',
    ids: [ids[2] ?? '', strange, ids[0] ?? ''],
  })
  expect(result).toEqual({ updated: 2, unread: 1, unseen: 1, latest: 5 })
  expect(heard(phone).slice(3)).toEqual([
    ['updated', 4, 2, 2],
    ['updated', 5, 1, 1],
  ])
  // Without an id there is no reply, and the events come all the same.
  phone.send({ type: 'mark', payload: { action: 'seen', upTo: 3 } })
  expect((await phone.reached(6)).payload).toMatchObject({ id: ids[1], readAt: null, unseen: 0 })
  // What changes nothing takes no `seq`.
  expect(await phone.mark({ action: 'seen', ids })).toEqual({
    ...result,
    updated: 0,
    unseen: 0,
    latest: 6,
  })
  await phone.settled()
  expect(phone.all('reply').filter(({ payload }) => 'updated' in payload)).toHaveLength(2)
  expect(phone.entries).toHaveLength(6)
})

test('marks by upTo leave alone what arrives meanwhile', async () => {
  await using service = await startService()
  const { api } = service
  await Promise.all(Array.from({ length: 250 }, () => api.send('alice', 'before')))
  await using phone = await connected(api, 'phone')

  const [result] = await Promise.all([
    phone.mark({ action: 'read', upTo: 250 }),
    ...Array.from({ length: 30 }, () => api.send('alice', 'meanwhile')),
  ])
  expect(result.updated).toBe(250)
  expect(await countsOf(api, 'alice')).toMatchObject({ unread: 30, unseen: 30, latest: 530 })
  await phone.reached(530)
  const last = new Map(phone.entries.map(({ payload }) => [payload.seq, payload]))
  expect([...last.keys()]).toEqual([...last.keys()].toSorted((a, b) => a - b))
  expect(last.get(530)).toMatchObject({ unread: 30, unseen: 30 })
  // Again for all of them, of which the first are as they should be.
  expect((await phone.mark({ action: 'read', upTo: 530 })).updated).toBe(30)
  expect(await countsOf(api, 'alice')).toMatchObject({ unread: 0, unseen: 0 })
})

test('more than five bulk marks a second are refused, and the connection goes on', async () => {
  await using service = await startService()
  const { api } = service
  const receipts = await api.sendMany('alice', 6)
  await using phone = await connected(api, 'phone')
  for (let upTo = 1; upTo <= 6; upTo++) {
    phone.send({ type: 'mark', id: `bulk-${upTo}`, payload: { action: 'read', upTo } })
  }
  const error = await phone.first('error')
  expect(error).toMatchObject({ id: 'bulk-6', payload: { code: 'rate_limited', retryable: true } })
  // Those by id are few by themselves; and another user has five of its own.
  const ids = receipts.slice(5).map(({ id }) => id)
  expect(await phone.mark({ action: 'seen', ids })).toMatchObject({ updated: 1, unread: 1 })
  const { epoch } = await countsOf(api, 'bob')
  expect((await api.mark('bob', { action: 'read', upTo: 9, epoch })).updated).toBe(0)
  await phone.settled()
  expect(phone.errors).toEqual(['rate_limited'])

  await vi.waitFor(
    async () => {
      const answers = phone.all('reply').length
      const refusals = phone.errors.length
      phone.send({ type: 'mark', id: 'later', payload: { action: 'read', upTo: 6 } })
      await phone.until(
        () => phone.all('reply').length > answers || phone.errors.length > refusals,
        'an answer',
      )
      expect(phone.all('reply').length).toBe(answers + 1)
    },
    { timeout: 10_000, interval: 100 },
  )
  expect(MarkResult.parse(phone.all('reply').at(-1)?.payload).unread).toBe(0)
})

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
