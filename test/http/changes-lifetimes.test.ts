import { afterAll, beforeAll, expect, test } from 'vitest'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, type TestService } from '../harness.js'
import { AsUser } from './as-user.js'

let service: TestService
let token: string

beforeAll(async () => {
  service = await startService({ environment: { INBOX_LIMIT: '5' } })
  token = await serviceToken()
})
afterAll(() => service[Symbol.asyncDispose]())

test('changes begin with a gap where what comes next was removed, and with none where it was not', async () => {
  await service.api.sendMany('ann', 9)
  const ann = await AsUser.of(service.api, 'ann')
  const { epoch } = await ann.counts()
  const first = await ann.changes({ epoch, limit: 2 })
  expect(first.events).toMatchObject([
    { type: 'gap', payload: { from: 0, to: 4, reason: 'retention' } },
    { type: 'notification', payload: { seq: 5 } },
    { type: 'notification', payload: { seq: 6 } },
  ])
  expect(first).toMatchObject({ next: 6, caughtUp: false, unread: 5 })
  const more = await ann.changes({ epoch, after: first.next })
  expect(more.events.map(({ type }) => type)).toEqual([
    'notification',
    'notification',
    'notification',
  ])
  const at = async (after: number): Promise<unknown> =>
    (await ann.changes({ epoch, after })).events.map(({ type }) => type)[0]
  expect([await at(3), await at(4)]).toEqual(['gap', 'notification'])
})

test('changes are those of the socket, gap and removals among them', async () => {
  const ids: string[] = []
  for (let number = 0; number < 8; number++) {
    const body = { to: { user: 'ben' }, type: 'test', collapseKey: `k${number}` }
    const receipt = SendReceipt.parse(await (await service.api.post(body, { token })).json())
    ids.push(receipt.id)
  }
  for (const id of [ids[5], ids[0], ids[7]]) {
    await service.api.request(`/v1/notifications/${id}`, { method: 'DELETE', token })
  }
  const ben = await AsUser.of(service.api, 'ben')
  const { epoch } = await ben.counts()
  const { events, next, caughtUp } = await ben.changes({ epoch })
  expect(
    events.map(({ type, payload }) => ['seq' in payload ? payload.seq : payload.to, type]),
  ).toEqual([
    [3, 'gap'],
    [4, 'notification'],
    [5, 'notification'],
    [7, 'notification'],
    [9, 'removed'],
    [10, 'removed'],
  ])
  expect(events.slice(-2)).toEqual([
    { type: 'removed', payload: { seq: 9, id: ids[5], collapseKey: 'k5', reason: 'recalled' } },
    { type: 'removed', payload: { seq: 10, id: ids[7], collapseKey: 'k7', reason: 'recalled' } },
  ])
  expect([next, caughtUp]).toEqual([10, true])
  await using phone = await service.api.connect('ben')
  await phone.first('caught_up')
  expect(phone.messages.slice(1, -1)).toEqual(events)
})

test('nothing but a gap is left of a log that is empty again', async () => {
  await using small = await startService({ environment: { INBOX_LIMIT: '1' } })
  const { id } = await small.api.send('cat', '1')
  await small.api.send('cat', '2')
  const cat = await AsUser.of(small.api, 'cat')
  const { epoch } = await cat.counts()
  expect((await cat.changes({ epoch })).events.map(({ type }) => type)).toEqual([
    'gap',
    'notification',
  ])
  expect((await cat.ask(`/v1/inbox/${id}`)).status).toBe(404)
  expect(await cat.changes({ epoch, after: 2 })).toMatchObject({
    events: [],
    next: 2,
    caughtUp: true,
  })
})

test('deliveries tell what retention has removed before a device had it', async () => {
  await using phone = await service.api.connect('dan', { device: 'phone' })
  await phone.first('caught_up')
  const [first] = await service.api.sendMany('dan', 2)
  await phone.acknowledgeAndWait(1)
  await using laptop = await service.api.connect('dan', { device: 'laptop' })
  await laptop.first('caught_up')
  await service.api.sendMany('dan', 4, 3)
  const response = await service.api.request(`/v1/notifications/${first?.id}/deliveries`, { token })
  expect(await response.json()).toMatchObject({
    items: [
      { user: 'dan', device: 'phone', status: 'delivered' },
      { user: 'dan', device: 'laptop', status: 'removed', deliveredAt: null },
    ],
    nextPage: null,
  })
  // For its sender it is what it was, for as long as what became of it is told.
  const overview = await service.api.request(`/v1/notifications/${first?.id}`, { token })
  expect(await overview.json()).toMatchObject({ status: 'stored', recipients: { stored: 1 } })
})
