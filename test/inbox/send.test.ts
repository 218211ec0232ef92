import { expect, test } from 'vitest'
import { send } from '../../src/inbox/send.js'
import { IDEMPOTENCY_MS } from '../../src/inbox/store.js'
import { NotificationId } from '../../src/protocol/identifiers.js'
import { absentStore } from '../absent-store.js'
import { nobodyLive } from '../nobody-live.js'
import { AT, contentOf, openInbox, SHOP } from './opened-inbox.js'

test('stores what was said, and fills in what was not', async () => {
  await using inbox = await openInbox()
  const { receipt, replayed } = await inbox.send({
    to: { user: 'alice' },
    type: 'order.shipped',
    title: 'Shipped',
    url: 'https://shop.example/o/8812',
    data: { order: 8812 },
  })
  expect(replayed).toBe(false)
  expect(NotificationId.safeParse(receipt.id).success).toBe(true)
  const createdAt = new Date(AT).toISOString()
  expect(receipt).toEqual({
    id: receipt.id,
    status: 'stored',
    seq: 1,
    recipients: { total: 1, stored: 1 },
    createdAt,
    expiresAt: null,
  })
  const entries = await inbox.log('alice')
  expect(entries.map((entry) => contentOf(entry))).toEqual([
    {
      id: receipt.id,
      type: 'order.shipped',
      title: 'Shipped',
      body: null,
      url: 'https://shop.example/o/8812',
      icon: null,
      data: { order: 8812 },
      priority: 'normal',
      collapseKey: null,
      topic: null,
      sender: 'shop',
      createdAt,
      expiresAt: null,
    },
  ])
})

test('publishes each arrival, when it is on disk, with the content as it is stored', async () => {
  await using inbox = await openInbox()
  await inbox.send({ to: { user: 'bob' }, type: 'test' })
  await inbox.send({ to: { users: ['alice', 'bob'] }, type: 'test', title: 'both' })
  const entries = await inbox.log('alice')
  const [entry] = entries
  const contentJson = entry?.kind === 'whole' ? entry.contentJson : undefined
  const arrived = { kind: 'arrived', contentJson, acceptedAt: AT }
  expect(inbox.moves.slice(1)).toEqual([
    { user: 'alice', seq: 1, change: { ...arrived, unread: 1, unseen: 1 } },
    { user: 'bob', seq: 2, change: { ...arrived, unread: 2, unseen: 2 } },
  ])
})

test('counts a user who is named twice once, and tells no seq where users are named', async () => {
  await using inbox = await openInbox()
  const to = { users: ['alice', 'bob', 'alice', 'alice'] }
  const { receipt } = await inbox.send({ to, type: 'test' })
  expect(receipt.recipients).toEqual({ total: 2, stored: 2 })
  expect(receipt).not.toHaveProperty('seq')
  expect((await inbox.log('alice')).map(({ seq }) => seq)).toEqual([1])
  // Nor where they are one: the form of the answer follows the form of the question.
  const one = await inbox.send({ to: { users: ['alice'] }, type: 'test' })
  expect(one.receipt).not.toHaveProperty('seq')
})

test.each([
  ['of one byte each', 'x'],
  ['of three bytes each', '€'],
])('takes 64 KiB and no byte more, in characters %s', async (_what, character) => {
  await using inbox = await openInbox()
  const body = (bytes: number): unknown => {
    const title = character.repeat(1_000)
    const rest = bytes - Buffer.byteLength(JSON.stringify({ type: 'test', title, body: '' }))
    return { to: { user: 'alice' }, type: 'test', title, body: 'x'.repeat(rest) }
  }
  await inbox.send(body(64 * 1024))
  await expect(inbox.send(body(64 * 1024 + 1))).rejects.toMatchObject({ code: 'payload_too_large' })
  expect((await inbox.log('alice')).map(({ seq }) => seq)).toEqual([1])
  expect(inbox.moves).toHaveLength(1)
})

test('does not count the names of the users in the 64 KiB', async () => {
  await using inbox = await openInbox()
  const users = Array.from({ length: 1_000 }, (_, number) => `${number}-${'x'.repeat(200)}`)
  const { receipt } = await inbox.send({ to: { users }, type: 'test' })
  expect(receipt.recipients.stored).toBe(1_000)
})

test('answers a retry that orders its fields anew with the first receipt, and wakes no one', async () => {
  await using inbox = await openInbox()
  const idempotencyKey = 'k'
  const data = { order: 1, lines: [{ sku: 'a', count: 2 }] }
  const first = await inbox.send({ to: { user: 'alice' }, type: 'test', data }, { idempotencyKey })
  inbox.now += IDEMPOTENCY_MS - 1
  const reordered = { lines: [{ count: 2, sku: 'a' }], order: 1 }
  const second = await inbox.send(
    { data: reordered, type: 'test', to: { user: 'alice' } },
    { idempotencyKey },
  )
  expect(second).toEqual({ receipt: first.receipt, replayed: true })
  expect(inbox.moves).toHaveLength(1)
  inbox.now += 1
  const third = await inbox.send({ to: { user: 'alice' }, type: 'test', data }, { idempotencyKey })
  expect(third).toMatchObject({ replayed: false, receipt: { seq: 2 } })
})

test.each([
  ['another title', { to: { user: 'alice' }, type: 'test', title: 'b' }],
  ['another user', { to: { user: 'bob' }, type: 'test', title: 'a' }],
  ['the same user, named otherwise', { to: { users: ['alice'] }, type: 'test', title: 'a' }],
  ['one field more', { to: { user: 'alice' }, type: 'test', title: 'a', data: {} }],
  ['a ttl', { to: { user: 'alice' }, type: 'test', title: 'a', ttl: 60 }],
  ['a collapse key', { to: { user: 'alice' }, type: 'test', title: 'a', collapseKey: 'k' }],
  [
    'a time',
    { to: { user: 'alice' }, type: 'test', title: 'a', deliverAt: '2026-11-22T11:00:00Z' },
  ],
])('refuses the same key with %s, and wakes no one', async (_what, body) => {
  await using inbox = await openInbox()
  const idempotencyKey = 'k'
  await inbox.send({ to: { user: 'alice' }, type: 'test', title: 'a' }, { idempotencyKey })
  await expect(inbox.send(body, { idempotencyKey })).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  })
  expect(inbox.moves).toHaveLength(1)
  expect(await inbox.store.latest(['alice', 'bob'])).toEqual(new Map([['alice', 1]]))
})

test('rejects, and wakes no one, where the store can not answer', async () => {
  await using inbox = await openInbox()
  await inbox.store.close()
  const sending = inbox.send({ to: { user: 'alice' }, type: 'test' })
  await expect(sending).rejects.toMatchObject({ code: 'store_unavailable' })
  expect(inbox.moves).toEqual([])
})

/** What the first version made of the request below. */
const FIRST_FINGERPRINT = 'Feo6IIBfjzlgUiIgwlAARz3vetA0xwjTkW7kSzTORaE'

const at = (milliseconds: number) => new Date(milliseconds).toISOString()
const key = { idempotencyKey: 'k' }
const body = { to: { user: 'alice' }, type: 'test', title: 'a' }

test('a key guards a body without ttl, collapse key and time by the fingerprint that it always had', async () => {
  await using inbox = await openInbox()
  let fingerprint: string | undefined
  const { store } = inbox
  await inbox.send(body)
  const keeping = {
    ...absentStore,
    send: (command: Parameters<typeof store.send>[0]) => {
      fingerprint = command.idempotency?.fingerprint
      return store.send(command)
    },
  }
  const request = { to: { user: 'alice' }, type: 'test', title: 'a', data: { b: [1], a: null } }
  const { wake, clock, traffic } = inbox
  const caretaker = { hurry: () => undefined }
  await send(
    { store: keeping, live: nobodyLive, wake, clock, caretaker, traffic },
    { sender: SHOP, request, ...key },
  )
  // As the first version wrote it: a key that was used before an upgrade guards its answer after it.
  expect(fingerprint).toBe(FIRST_FINGERPRINT)
  await send(
    { store: keeping, live: nobodyLive, wake, clock, caretaker, traffic },
    {
      sender: SHOP,
      request: { ...request, ttl: null, collapseKey: null, deliverAt: null },
      ...key,
    },
  )
  expect(fingerprint).toBe(FIRST_FINGERPRINT)
})

test.each([
  ['ttl', { ttl: 60 }, { ttl: 61 }],
  ['collapse key', { collapseKey: 'a' }, { collapseKey: 'b' }],
  ['time', { deliverAt: '2026-11-22T11:00:00Z' }, { deliverAt: '2026-11-22T11:00:01Z' }],
])('refuses the same key with another %s', async (_what, first, second) => {
  await using inbox = await openInbox()
  const { receipt } = await inbox.send({ ...body, ...first }, key)
  await expect(inbox.send({ ...body, ...second }, key)).rejects.toMatchObject({
    code: 'idempotency_key_reused',
  })
  expect(await inbox.send({ ...body, ...first }, key)).toEqual({ receipt, replayed: true })
})

test('knows a time again in whatever zone a retry writes it', async () => {
  await using inbox = await openInbox()
  const { receipt } = await inbox.send({ ...body, deliverAt: '2026-11-22T11:00:00Z' }, key)
  const again = await inbox.send({ ...body, deliverAt: '2026-11-22T13:30:00.000+02:30' }, key)
  expect(again).toEqual({ receipt, replayed: true })
})

test('a notification with a ttl tells when it ends, counted from when it arrives', async () => {
  await using inbox = await openInbox()
  const now = await inbox.send({ ...body, ttl: 60 })
  expect(now.receipt).toMatchObject({ status: 'stored', seq: 1, expiresAt: at(AT + 60_000) })
  const later = await inbox.send({ ...body, ttl: 60, deliverAt: at(AT + 5_000) })
  expect(later.receipt).toMatchObject({ status: 'scheduled', expiresAt: at(AT + 65_000) })
  expect(later.receipt).not.toHaveProperty('seq')
  const [entry, ...more] = await inbox.log('alice')
  expect(more).toEqual([])
  expect(contentOf(entry)).toMatchObject({ id: now.receipt.id, expiresAt: at(AT + 60_000) })
})

test('what is scheduled wakes nobody before its time; what was due already arrives at once', async () => {
  await using inbox = await openInbox()
  await inbox.send({ ...body, deliverAt: new Date(AT + 1).toISOString() })
  expect(inbox.moves).toEqual([])
  for (const deliverAt of [AT, AT - 1, 0]) {
    const { receipt } = await inbox.send({ ...body, deliverAt: new Date(deliverAt).toISOString() })
    expect(receipt.status).toBe('stored')
  }
  expect(inbox.moves.map(({ seq }) => seq)).toEqual([1, 2, 3])
  expect(inbox.hurried).toBe(0)
})

test('what is for many makes the caretaker hurry, and wakes nobody by itself', async () => {
  await using inbox = await openInbox()
  await inbox.send(body)
  const { receipt } = await inbox.send({ ...body, to: { everyone: true } })
  expect(receipt).toMatchObject({ status: 'fanning_out', recipients: { total: 1, stored: 0 } })
  expect([inbox.hurried, inbox.moves.length]).toEqual([1, 1])
  // Its work begins when it is due.
  const deliverAt = new Date(AT + 1_000).toISOString()
  await inbox.send({ ...body, to: { everyone: true }, deliverAt })
  expect(inbox.hurried).toBe(1)
})

test('counts each notification that is accepted once, when it is accepted, and no repetition or refusal', async () => {
  await using inbox = await openInbox()
  const bodies = [
    body,
    { ...body, to: { users: ['alice', 'bob'] } },
    { ...body, to: { everyone: true } },
    { ...body, deliverAt: at(AT + 1_000) },
    { ...body, ttl: 0 },
  ]
  for (const [index, sent] of bodies.entries()) {
    await inbox.send(sent, { idempotencyKey: `key-${index}` })
    expect(inbox.traffic.sums.accepted).toBe(index + 1)
    expect((await inbox.send(sent, { idempotencyKey: `key-${index}` })).replayed).toBe(true)
    await expect(
      inbox.send({ ...sent, title: 'b' }, { idempotencyKey: `key-${index}` }),
    ).rejects.toMatchObject({ code: 'idempotency_key_reused' })
  }
  expect(inbox.traffic.sums.accepted).toBe(bodies.length)
})
