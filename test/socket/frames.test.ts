import { expect, test } from 'vitest'
import { SendReceipt } from '../../src/protocol/send.js'
import { serviceToken, startService, tokenFor } from '../harness.js'
import { TestClock } from './test-clock.js'

test('welcomes first, with all that a client needs to know', async () => {
  const clock = new TestClock()
  await using service = await startService({
    clock: clock.now,
    environment: { HEARTBEAT_MS: '12345', MAX_UNACKED: '77' },
  })
  const { api } = service
  await api.sendMany('alice', 2)
  const token = await tokenFor('alice', { exp: clock.start + 60 * 60 })
  await using client = await api.connect('alice', { token })
  await client.first('caught_up')

  const [welcome] = client.all('welcome')
  const { connection = '', epoch = '' } = welcome?.payload ?? {}
  expect([connection, epoch]).not.toContain('')
  expect(client.messages[0]).toEqual({
    type: 'welcome',
    payload: {
      connection,
      user: 'alice',
      device: 'phone',
      epoch,
      cursor: 0,
      latest: 2,
      unread: 2,
      unseen: 2,
      heartbeatMs: 12_345,
      maxUnacked: 77,
      maxFrameBytes: 16_384,
      tokenExpiresAt: new Date((clock.start + 60 * 60) * 1_000).toISOString(),
      serverTime: new Date(clock.start * 1_000).toISOString(),
    },
  })
  expect(client.all('welcome')).toHaveLength(1)
  // The epoch is that of REST.
  const counts = await api.request('/v1/inbox/counts', { token })
  expect(await counts.json()).toMatchObject({ epoch })
})

test('sends the replay without counts, then `caught_up` once, then what is live with counts as of then', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 2)
  await using client = await api.connect('alice')
  await client.first('caught_up')
  await api.sendMany('alice', 2, 3)
  await client.received(4)

  const heard = client.messages.map((message) => {
    if (message.type === 'caught_up') return message.payload
    if (message.type !== 'notification') return message.type
    const { seq, replayed, unread, unseen } = message.payload
    return { seq, replayed, unread, unseen }
  })
  expect(heard).toEqual([
    'welcome',
    { seq: 1, replayed: true, unread: undefined, unseen: undefined },
    { seq: 2, replayed: true, unread: undefined, unseen: undefined },
    { seq: 2, unread: 2, unseen: 2 },
    { seq: 3, replayed: false, unread: 3, unseen: 3 },
    { seq: 4, replayed: false, unread: 4, unseen: 4 },
  ])
})

test('sends a notification whole, live and replayed alike', async () => {
  await using service = await startService()
  const { api } = service
  await using live = await api.connect('alice')
  await live.first('caught_up')
  const content = {
    type: 'order.shipped',
    title: 'Shipped',
    body: 'Arrives “Tuesday” 🎺',
    url: 'https://shop.example/o/8812',
    icon: '/icons/box.png',
    data: { order: 8812, lines: [null, true, 1.5, 'x'] },
    priority: 'high',
  }
  const answer = await api.post(
    { to: { user: 'alice' }, ...content },
    { token: await serviceToken() },
  )
  const { id, createdAt } = SendReceipt.parse(await answer.json())
  await live.received(1)
  await using replayed = await api.connect('alice', { device: 'laptop' })
  await replayed.first('caught_up')

  const notification = {
    id,
    seq: 1,
    arrivedSeq: 1,
    ...content,
    collapseKey: null,
    topic: null,
    sender: 'shop',
    createdAt,
    expiresAt: null,
    seenAt: null,
    readAt: null,
    archivedAt: null,
  }
  expect(live.all('notification')).toEqual([
    {
      type: 'notification',
      payload: { seq: 1, notification, replayed: false, unread: 1, unseen: 1 },
    },
  ])
  expect(replayed.all('notification')).toEqual([
    { type: 'notification', payload: { seq: 1, notification, replayed: true } },
  ])
})

test('gives the id of a command back on its reply, and replies to none without an id', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)
  await using client = await api.connect('alice')
  await client.received(3)
  const longest = 'ä'.repeat(64)

  client.acknowledge(1)
  client.send({ type: 'authenticate', payload: { token: await tokenFor('alice') } })
  client.acknowledge(2, longest)
  await client.find((message) => message.type === 'reply' && message.id === longest)
  client.acknowledge(3, '')
  await client.find((message) => message.type === 'reply' && message.id === '')
  expect(client.all('reply')).toEqual([
    { type: 'reply', id: longest, payload: { cursor: 2 } },
    { type: 'reply', id: '', payload: { cursor: 3 } },
  ])
})

test('answers `ping` by `pong`, with its id or without', async () => {
  await using service = await startService()
  await using client = await service.api.connect('alice')
  client.send({ type: 'ping' })
  client.send({ type: 'ping', id: 'p1' })
  await client.until(() => client.all('pong').length === 2, 'two pongs')
  expect(client.all('pong')).toEqual([
    { type: 'pong', payload: {} },
    { type: 'pong', id: 'p1', payload: {} },
  ])
})

test('lets a client acknowledge where it started and what `caught_up` named, though no entry of it was sent', async () => {
  await using service = await startService()
  const { api } = service
  await api.sendMany('alice', 3)
  await using latest = await api.connect('alice', { query: { cursor: 'latest' } })
  await latest.first('caught_up')
  await latest.acknowledgeAndWait(3)
  latest.acknowledge(4, 'ahead')
  expect(await latest.first('error')).toMatchObject({ id: 'ahead', payload: { code: 'ack_ahead' } })
})

test('keeps commands that come while the connection is being opened, and answers them in their order', async () => {
  await using service = await startService()
  await using client = await service.api.connect('alice', { credential: 'first-message' })
  const ids = Array.from({ length: 40 }, (_, index) => `p${index}`)
  for (const id of ids) client.send({ type: 'ping', id })
  await client.until(() => client.all('pong').length === ids.length, 'every pong')
  expect(client.messages[0]?.type).toBe('welcome')
  expect(client.all('pong').map(({ id }) => id)).toEqual(ids)
})
