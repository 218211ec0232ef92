import { expect, test } from 'vitest'
import { send, type Send } from '../../src/inbox/send.js'
import { IDEMPOTENCY_MS } from '../../src/inbox/store.js'
import { InProcessWake, type LogMove } from '../../src/inbox/wake.js'
import { NotificationId } from '../../src/protocol/identifiers.js'
import { parseSendRequest } from '../../src/protocol/send.js'
import {
  ALL,
  AT,
  contentJsonOf,
  contentOf,
  numbers,
  seqsOf,
} from '../store/contract/store-under-test.js'
import { openSqlite } from '../store/sqlite/files.js'

const sender = { issuer: 'https://issuer.example', subject: 'shop' }

/** A real store, a clock that the test owns, and the moves that were published. */
async function openInbox() {
  const opened = await openSqlite()
  const wake = new InProcessWake()
  const moves: LogMove[] = []
  wake.subscribe((move) => void moves.push(move))
  const inbox = {
    store: opened.store,
    moves,
    now: AT,
    /** Sends a body as it comes from outside. */
    send: (body: unknown, options: Partial<Send> = {}) =>
      send(
        { store: opened.store, wake, clock: () => inbox.now },
        { sender, request: parseSendRequest(body), idempotencyKey: undefined, ...options },
      ),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
  return inbox
}

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
  const { entries } = await inbox.store.changes({ user: 'alice', after: 0, ...ALL })
  expect(entries.map(contentOf)).toEqual([
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
  const { entries } = await inbox.store.changes({ user: 'alice', after: 0, ...ALL })
  const contentJson = contentJsonOf(entries[0])
  expect(inbox.moves.slice(1)).toEqual([
    { user: 'alice', seq: 1, change: { kind: 'arrived', contentJson, unread: 1, unseen: 1 } },
    { user: 'bob', seq: 2, change: { kind: 'arrived', contentJson, unread: 2, unseen: 2 } },
  ])
})

test('counts a user who is named twice once, and tells no seq where users are named', async () => {
  await using inbox = await openInbox()
  const to = { users: ['alice', 'bob', 'alice', 'alice'] }
  const { receipt } = await inbox.send({ to, type: 'test' })
  expect(receipt.recipients).toEqual({ total: 2, stored: 2 })
  expect(receipt).not.toHaveProperty('seq')
  expect(await seqsOf(inbox.store, 'alice')).toEqual([1])
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
  expect(await seqsOf(inbox.store, 'alice')).toEqual([1])
  expect(inbox.moves).toHaveLength(1)
})

test('does not count the names of the users in the 64 KiB', async () => {
  await using inbox = await openInbox()
  const users = numbers(1, 1_000).map((number) => `${number}-${'x'.repeat(200)}`)
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
