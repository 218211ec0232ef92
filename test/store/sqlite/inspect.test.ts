import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectDatabase } from '../../../src/store/sqlite/inspect.js'
import { temporaryFolder } from '../../harness.js'
import { AT, EVERYONE, openDevice, send, sendMany, SHOP } from '../contract/store-under-test.js'
import { openSqlite, rawConnection } from './files.js'

const NUMBERS = 'has a number of entries, or of tombstones, that is not that of the inbox'
const HORIZON = 'has a horizon that entries stand below, or that is beyond the end of the log'
const OTHERWISE = 'has an entry that ends, or is replaced, otherwise than its notification'
const ON_ITS_WAY =
  'is on its way with nothing that goes on, or has arrived with something that does'

test('finds a database sound while it is in use, and after, and changes nothing', async () => {
  await using opened = await openSqlite()
  await openDevice(opened.store, 'alice', 'phone')
  await sendMany(opened.store, 'alice', 3)
  await send(opened.store, ['alice', 'bob'])
  const sound = { kind: 'sound', users: 2, notifications: 4 }
  expect(inspectDatabase(opened.path)).toEqual(sound)
  await opened.store.close()
  const before = readFileSync(opened.path)
  expect(inspectDatabase(opened.path)).toEqual(sound)
  expect(readFileSync(opened.path)).toEqual(before)
  expect(readdirSync(dirname(opened.path))).toEqual(['posthorn.db'])
})

test('says that there is no database, and makes none', () => {
  using folder = temporaryFolder()
  expect(inspectDatabase(join(folder.path, 'none.db'))).toEqual({ kind: 'absent' })
  expect(readdirSync(folder.path)).toEqual([])
})

test('takes an empty file for one that the next start fills', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'empty.db')
  writeFileSync(path, '')
  expect(inspectDatabase(path)).toEqual({ kind: 'outdated' })
})

describe('complains of', () => {
  test('what is no database, and of one that is of a newer version or another program’s', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'text.db')
    writeFileSync(path, 'not a database, but long enough to be looked at '.repeat(100))
    expect(() => inspectDatabase(path)).toThrow(/not a database/)
    await using opened = await openSqlite()
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.pragma('user_version = 999')
    expect(() => inspectDatabase(opened.path)).toThrow(/schema 999/)
    raw.connection.pragma('user_version = 0')
    expect(() => inspectDatabase(opened.path)).toThrow(/another program/)
  })

  test.each([
    ['UPDATE users SET unread = unread + 1', 'has counts that are not those of the inbox'],
    ['UPDATE users SET unseen = 0', 'has counts that are not those of the inbox'],
    ['UPDATE inbox SET read_at = 1 WHERE seq = 1', 'has counts that are not those of the inbox'],
    ['UPDATE inbox SET arrived_seq = 9 WHERE seq = 2', 'has entries beyond the end of the log'],
    ['UPDATE users SET latest = 1', 'has entries beyond the end of the log'],
    ['UPDATE devices SET cursor = 99', 'has a device beyond the end of the log'],
    ['UPDATE users SET entries = entries - 1', NUMBERS],
    ['UPDATE users SET entries = entries + 1, tombstones = tombstones - 1', NUMBERS],
    ['UPDATE users SET tombstones = 1', NUMBERS],
    ['UPDATE users SET horizon = 1', HORIZON],
    [
      'DELETE FROM inbox; UPDATE users SET horizon = 3, unread = 0, unseen = 0, entries = 0',
      HORIZON,
    ],
    [
      `INSERT INTO outcomes (notification, user, outcome) VALUES (2, 1, 'removed')`,
      'has an entry that is there and has ended',
    ],
    ['UPDATE inbox SET expires_at = 1 WHERE seq = 2', OTHERWISE],
    [`UPDATE notifications SET collapse_key = 'k' WHERE id = 2`, OTHERWISE],
  ])('%s', async (sql, says) => {
    await using opened = await openSqlite()
    await openDevice(opened.store, 'alice', 'phone')
    await sendMany(opened.store, 'alice', 2)
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.exec(sql)
    expect(inspectDatabase(opened.path)).toEqual({
      kind: 'broken',
      complaints: [`the user "alice" ${says}`],
    })
  })

  test('a number of users that is not that of those who are known', async () => {
    await using opened = await openSqlite()
    await send(opened.store, 'alice')
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.exec('UPDATE meta SET users = 7')
    expect(inspectDatabase(opened.path)).toEqual({
      kind: 'broken',
      complaints: ['7 users are said to be known'],
    })
  })

  test.each([
    [`UPDATE notifications SET status = 'fanning_out'`, ON_ITS_WAY],
    [`INSERT INTO fan_outs VALUES (1, 'deliver', NULL, 0, 9, 1)`, ON_ITS_WAY],
    [`INSERT INTO fan_outs VALUES (1, 'recall', NULL, 0, 9, 1)`, ON_ITS_WAY],
    [
      `UPDATE notifications SET status = 'recalled'`,
      'was recalled, and is in an inbox that nothing takes it out of',
    ],
    [
      `INSERT INTO scheduled (uuid, issuer, subject, content, created_at, due_at, target)
         SELECT uuid, issuer, subject, content, created_at, 1, 'everyone' FROM notifications`,
      'waits for its time, and has come already',
    ],
  ])('%s', async (sql, says) => {
    await using opened = await openSqlite()
    const { receipt } = await send(opened.store, 'alice')
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.exec(sql)
    expect(inspectDatabase(opened.path)).toEqual({
      kind: 'broken',
      complaints: [`the notification ${receipt.id} ${says}`],
    })
  })

  test('nothing of what is under way: sent later, fanning out, being taken back, being erased', async () => {
    await using opened = await openSqlite()
    const { store, path } = opened
    await sendMany(store, 'alice', 1)
    const { receipt } = await send(store, ['alice', 'bob'], { collapseKey: 'k' })
    await send(store, 'alice', { dueAt: AT + 1, expiresAt: AT + 2, collapseKey: 'k' })
    await send(store, EVERYONE, { expiresAt: AT + 1 })
    await store.stepFanOut({ at: AT, limit: 1 })
    await store.recall({ id: receipt.id, sender: SHOP, at: AT, limit: 1 })
    expect(inspectDatabase(path)).toMatchObject({ kind: 'sound' })
    using raw = rawConnection(path)
    raw.connection.exec(`UPDATE users SET entries = 99 WHERE name = 'bob';
      INSERT INTO erasures (user) SELECT id FROM users WHERE name = 'bob'`)
    expect(inspectDatabase(path)).toMatchObject({ kind: 'sound' })
  })

  test('an index that has lost its table, which nothing else would notice', async () => {
    await using opened = await openSqlite()
    await sendMany(opened.store, 'alice', 2)
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.unsafeMode()
    raw.connection.pragma('writable_schema = ON')
    raw.connection.exec("DELETE FROM sqlite_schema WHERE name = 'idempotency_keys_by_expiry'")
    raw.connection.close()
    expect(inspectDatabase(opened.path)).toMatchObject({
      kind: 'broken',
      complaints: [expect.stringMatching(/never used/)],
    })
  })

  test('nothing where what is archived or removed is not counted', async () => {
    await using opened = await openSqlite()
    await sendMany(opened.store, 'alice', 3)
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.exec(`
      UPDATE inbox SET archived_at = 1 WHERE seq = 1;
      UPDATE inbox SET removed = 'recalled' WHERE seq = 2;
      UPDATE users SET unread = 1, unseen = 1, entries = 2, tombstones = 1`)
    expect(inspectDatabase(opened.path)).toMatchObject({ kind: 'sound' })
  })

  test('rows that refer to what is gone, and no more than ten of a kind', async () => {
    await using opened = await openSqlite()
    await sendMany(opened.store, 'alice', 20)
    await opened.store.close()
    using raw = rawConnection(opened.path)
    raw.connection.pragma('foreign_keys = OFF')
    raw.connection.exec('DELETE FROM notifications')
    expect(inspectDatabase(opened.path)).toEqual({
      kind: 'broken',
      complaints: Array(10).fill('a row of inbox refers to one that is gone'),
    })
  })

  test('a file whose end is missing, or whose pages were overwritten', async () => {
    await using opened = await openSqlite()
    await sendMany(opened.store, 'alice', 200)
    await opened.store.close()
    const cut = `${opened.path}.cut`
    copyFileSync(opened.path, cut)
    truncateSync(cut, 40_960)
    const scratched = `${opened.path}.scratched`
    const bytes = readFileSync(opened.path)
    bytes.fill(0xff, 20_480, bytes.length - 4_096)
    writeFileSync(scratched, bytes)
    for (const path of [cut, scratched]) {
      let found: unknown
      try {
        found = inspectDatabase(path)
      } catch (error) {
        found = { kind: 'broken', complaints: [String(error)] }
      }
      expect(found).toMatchObject({ kind: 'broken' })
    }
  })
})
