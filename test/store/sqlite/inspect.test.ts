import { copyFileSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { inspectDatabase } from '../../../src/store/sqlite/inspect.js'
import { temporaryFolder } from '../../harness.js'
import { openDevice, send, sendMany } from '../contract/store-under-test.js'
import { openSqlite, rawConnection } from './files.js'

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
      UPDATE users SET unread = 1, unseen = 1`)
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
