import { expect, test, vi } from 'vitest'
import { MarkResult } from '../../src/protocol/mark.js'
import { startService } from '../harness.js'
import { heard, acknowledged, connected, countsOf, forms } from './heard.js'

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
