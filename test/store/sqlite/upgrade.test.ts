import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Store } from '../../../src/inbox/store.js'
import { openWriter } from '../../../src/store/sqlite/database.js'
import { inspectDatabase } from '../../../src/store/sqlite/inspect.js'
import { migrate } from '../../../src/store/sqlite/migrate.js'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { temporaryFolder } from '../../harness.js'
import {
  acknowledge,
  ALL,
  AT,
  deliveriesOf,
  known,
  markIds,
  openDevice,
  ROOMY,
  send,
  sendCommand,
  SHOP,
  titlesOf,
  readChanges,
} from '../contract/store-under-test.js'

const FIRST = new URL('../../../migrations/sqlite/0001_log.sql', import.meta.url)

const IDS = ['1', '2', '3', '4'].map((digit) => `01990000-0000-7000-8000-00000000000${digit}`)
const [UNREAD = '', READ = '', ARCHIVED = '', SHARED = ''] = IDS

/**
 * A database as the first version left it: alice has one unread entry, one that was read, one that was archived and one that
 * bob has too; her phone has acknowledged the first three, her laptop has skipped all.
 */
function writeFirst(path: string): void {
  const connection = openWriter(path)
  migrate(connection, [{ number: 1, sql: readFileSync(FIRST, 'utf8') }])
  connection.exec(`
    UPDATE meta SET epoch = '0123456789abcdef', erasures = 1;
    INSERT INTO users (id, name, life, latest, unread, unseen)
      VALUES (1, 'alice', 0, 6, 2, 2), (2, 'bob', 1, 1, 1, 1), (3, 'carol', 1, 0, 0, 0);
    INSERT INTO devices (id, user, name, cursor, created_at, last_seen_at)
      VALUES (1, 1, 'phone', 6, ${AT}, ${AT}), (2, 1, 'laptop', 6, ${AT}, ${AT})`)
  const insert = connection.prepare(
    `INSERT INTO notifications (id, uuid, issuer, subject, content, created_at, total, stored)
     VALUES (?, ?, '', 'shop', ?, ?, ?, ?)`,
  )
  IDS.forEach((id, index) => {
    const { contentJson } = sendCommand('alice', { id, title: id, at: AT + index })
    insert.run(index + 1, id, contentJson, AT + index, id === SHARED ? 2 : 1, id === SHARED ? 2 : 1)
  })
  const [readAt, archivedAt] = [AT + 5_000, AT + 6_000]
  connection.exec(`
    INSERT INTO inbox (user, seq, arrived_seq, notification, seen_at, read_at, archived_at)
      VALUES (1, 1, 1, 1, NULL, NULL, NULL), (1, 5, 2, 2, ${readAt}, ${readAt}, NULL),
        (1, 6, 3, 3, ${archivedAt}, ${archivedAt}, ${archivedAt}), (1, 4, 4, 4, NULL, NULL, NULL),
        (2, 1, 1, 4, NULL, NULL, NULL);
    INSERT INTO deliveries (notification, device, delivered_at)
      VALUES (1, 1, ${AT + 9}), (2, 1, ${AT + 9}), (3, 1, ${AT + 9});
    INSERT INTO idempotency_keys (issuer, subject, key, fingerprint, receipt, expires_at)
      VALUES ('', 'shop', 'k', 'f', '${JSON.stringify({
        id: UNREAD,
        status: 'stored',
        seq: 1,
        recipients: { total: 1, stored: 1 },
        createdAt: new Date(AT).toISOString(),
        expiresAt: null,
      })}', ${AT + 1_000_000})`)
  connection.close()
}

/** The store over such a database, once it is brought to this version. */
async function openUpgraded() {
  const folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  writeFirst(path)
  const store: Store = await SqliteStore.open(path, ROOMY)
  return {
    store,
    path,
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

test('a database of the first schema keeps its users, logs, lists, devices, deliveries and keys', async () => {
  await using opened = await openUpgraded()
  const { store, path } = opened
  expect(inspectDatabase(path)).toEqual({ kind: 'sound', users: 3, notifications: 4 })
  const alice = { epoch: '0123456789abcdef.0', latest: 6, horizon: 0, unread: 2, unseen: 2 }
  expect(await store.head('alice')).toEqual(alice)
  expect(await store.head('bob')).toMatchObject({ epoch: '0123456789abcdef.1', unread: 1 })

  const listed = async (filter: 'inbox' | 'archived') => {
    const query = { user: 'alice', filter, before: undefined, limit: 9 }
    return titlesOf((await store.list(query)).entries)
  }
  expect(await listed('inbox')).toEqual([SHARED, READ, UNREAD])
  expect(await listed('archived')).toEqual([ARCHIVED])
  const { entries } = await readChanges(store, { user: 'alice', after: 0, ...ALL })
  expect(titlesOf(entries)).toEqual([UNREAD, SHARED, READ, ARCHIVED])
  expect(entries[3]).toMatchObject({ seq: 6, arrivedSeq: 3, archivedAt: AT + 6_000 })
  const held = await readChanges(store, {
    user: 'alice',
    after: 0,
    ...ALL,
    reader: { device: 'phone', startedAt: 6 },
  })
  expect(held.entries.map(({ kind }) => kind)).toEqual(['state', 'whole', 'state', 'state'])

  expect(await deliveriesOf(store, READ)).toEqual(['alice laptop skipped', 'alice phone delivered'])
  expect(await deliveriesOf(store, SHARED)).toEqual([
    'alice laptop skipped',
    'alice phone skipped',
    'bob - pending',
  ])
  expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 6 })
  expect(await store.notification(known(SHARED))).toMatchObject({
    status: 'stored',
    recipients: { total: 2, stored: 2 },
  })
  const again = await store.send(sendCommand('alice', { key: 'k', fingerprint: 'f' }))
  expect(again).toMatchObject({ kind: 'replayed', receipt: { id: UNREAD } })
})

test('what a database of the first schema holds is marked, acknowledged, recalled and aged as any other', async () => {
  await using opened = await openUpgraded()
  const { store, path } = opened
  await markIds(store, 'alice', 'read', [UNREAD], AT + 10_000)
  expect(await acknowledge(store, 'alice', 'laptop', 7)).toBe(7)
  expect(await deliveriesOf(store, UNREAD)).toContain('alice laptop delivered')
  const recalled = await store.recall({ id: SHARED, sender: SHOP, at: AT + 10_000, limit: 5 })
  expect(recalled).toMatchObject({ receipt: { recipients: { total: 2, stored: 2 } } })
  expect(await send(store, 'alice')).toMatchObject({ receipt: { seq: 9 } })
  expect(inspectDatabase(path)).toMatchObject({ kind: 'sound' })

  // Its age counts from its last change: what was read at five seconds goes, what was archived at six stays.
  const retention = { user: 'alice', agedBefore: AT + 5_500, limit: 100 }
  expect(await store.trim(retention)).toEqual({ removed: 1, latest: 9, more: false })
  expect(await store.head('alice')).toMatchObject({ horizon: 5 })
  expect(await deliveriesOf(store, READ)).toEqual(['alice laptop removed', 'alice phone delivered'])
  expect(inspectDatabase(path)).toMatchObject({ kind: 'sound' })
})
