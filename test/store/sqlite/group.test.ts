import { v7 as uuidv7 } from 'uuid'
import { expect, test } from 'vitest'
import {
  known,
  numbers,
  openDevice,
  send,
  sendCommand,
  seqsOf,
} from '../contract/store-under-test.js'
import { openSqlite, rawConnection, valueOf } from './files.js'
import { commitsIn } from './write-ahead-log.js'

test('writes of one moment share a few commits', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  const before = commitsIn(path)
  await Promise.all(numbers(1, 300).map(() => send(store, 'alice')))
  const commits = commitsIn(path) - before
  // The first go over while the rest is still being asked for.
  expect(commits).toBeLessThanOrEqual(4)
  await send(store, 'alice')
  expect(commitsIn(path) - before).toBe(commits + 1)
})

test('a group has an end: more writes than some 2,000 rows take another commit', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  const users = numbers(1, 100).map((number) => `user-${number}`)
  const before = commitsIn(path)
  await Promise.all(numbers(1, 40).map(() => send(store, users)))
  const commits = commitsIn(path) - before
  // 40 sends of some 200 rows are some 8,000.
  expect(commits).toBeGreaterThanOrEqual(4)
  expect(commits).toBeLessThanOrEqual(6)
})

test('a write that fails at its first row fails alone in its group', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  const id = uuidv7()
  {
    using raw = rawConnection(path)
    raw.connection
      .prepare(
        `INSERT INTO notifications (uuid, issuer, subject, content, created_at, total, stored)
         VALUES (?, '', 'another', '{}', 0, 1, 1)`,
      )
      .run(id)
  }
  const before = commitsIn(path)
  const outcomes = await Promise.allSettled(
    numbers(1, 21).map((number) => store.send(sendCommand('alice', number === 11 ? { id } : {}))),
  )

  expect(commitsIn(path) - before).toBe(1)
  const refused = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [[index, String(outcome.reason)]] : [],
  )
  // No fault of the request's, and none that passes: `internal`, not `store_unavailable`.
  expect(refused).toEqual([[10, expect.stringMatching(/^Error: SQLITE_CONSTRAINT_UNIQUE/)]])
  expect(await seqsOf(store, 'alice')).toEqual(numbers(1, 20))
})

test('a write that fails midway takes its first rows back, and no others', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  await send(store, ['alice', 'bob'])
  {
    // Where alice's log would go on, a row already stands.
    using raw = rawConnection(path)
    raw.connection.exec(
      `INSERT INTO notifications (id, uuid, issuer, subject, content, created_at, total, stored)
         VALUES (99, 'another', '', '', '{}', 0, 1, 1);
       INSERT INTO inbox (user, seq, arrived_seq, notification)
         SELECT id, latest + 1, latest + 1, 99 FROM users WHERE name = 'alice'`,
    )
  }
  const before = commitsIn(path)
  const failing = sendCommand(['bob', 'new', 'alice'], { key: 'k' })
  const outcomes = await Promise.allSettled([
    send(store, 'bob'),
    store.send(failing),
    send(store, 'bob'),
    openDevice(store, 'bob', 'phone'),
  ])

  expect(commitsIn(path) - before).toBe(1)
  const statuses = outcomes.map(({ status }) => status)
  expect(statuses).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(await seqsOf(store, 'bob')).toEqual([1, 2, 3])
  expect(await store.head('bob')).toMatchObject({ latest: 3, unread: 3, unseen: 3 })
  expect(await store.head('alice')).toMatchObject({ latest: 1, unread: 1, unseen: 1 })
  expect(await store.latest(['new'])).toEqual(new Map())
  expect(await store.notification(known(failing.id))).toBeUndefined()
  using raw = rawConnection(path)
  expect(valueOf(raw.connection, 'SELECT count(*) FROM idempotency_keys')).toBe(0)
})

test('refuses all that waits while another process holds the lock, and goes on after it', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  {
    using raw = rawConnection(path)
    raw.connection.exec('BEGIN IMMEDIATE')
    const sends = numbers(1, 20).map(() => store.send(sendCommand('alice')))
    const outcomes = await Promise.allSettled(sends)
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'))
    await expect(sends[0]).rejects.toMatchObject({ code: 'store_unavailable' })
    raw.connection.exec('ROLLBACK')
  }
  expect((await send(store, 'alice')).receipt.seq).toBe(1)
})

test('acknowledgements that come together share a commit, and each has its own outcome', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  const users = numbers(1, 40).map((number) => `user-${number}`)
  await send(store, users)
  const epochs = await Promise.all(
    users.map(async (user) => (await openDevice(store, user, 'phone')).epoch),
  )
  const before = commitsIn(path)
  const outcomes = await Promise.all(
    users.map((user, index) =>
      store.acknowledge({
        user,
        device: index === 7 ? 'another' : 'phone',
        epoch: index === 8 ? 'another' : (epochs[index] ?? ''),
        seq: index === 9 ? 2 : 1,
        at: 0,
      }),
    ),
  )
  expect(commitsIn(path) - before).toBe(1)
  expect(outcomes.slice(6, 11)).toEqual([
    { kind: 'acknowledged', cursor: 1 },
    { kind: 'unknown_device' },
    { kind: 'other_epoch' },
    { kind: 'ahead', latest: 1 },
    { kind: 'acknowledged', cursor: 1 },
  ])
  expect(outcomes.filter(({ kind }) => kind === 'acknowledged')).toHaveLength(37)
})

test('an acknowledgement that was taken is written, although the store is closed at once', async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  await send(store, 'alice')
  const { epoch } = await openDevice(store, 'alice', 'phone')
  const outcome = store.acknowledge({ user: 'alice', device: 'phone', epoch, seq: 1, at: 0 })
  await store.close()
  expect(await outcome).toEqual({ kind: 'acknowledged', cursor: 1 })
  using raw = rawConnection(path)
  expect(valueOf(raw.connection, 'SELECT cursor FROM devices')).toBe(1)
})
