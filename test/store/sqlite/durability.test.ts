import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IDEMPOTENCY_MS } from '../../../src/inbox/store.js'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { temporaryFolder } from '../../harness.js'
import { drawSeed, seededRandom } from '../../random.js'
import {
  acknowledge,
  AT,
  numbers,
  openDevice,
  ROOMY,
  send,
  sendCommand,
  seqsOf,
} from '../contract/store-under-test.js'
import { openSqlite, rawConnection, valueOf } from './files.js'

test('what resolved is in the files at that moment, whatever becomes of the process then', async () => {
  await using opened = await openSqlite()
  using folder = temporaryFolder()
  const sent = await Promise.all(numbers(1, 50).map(() => send(opened.store, 'alice')))
  await openDevice(opened.store, 'alice', 'phone')
  await acknowledge(opened.store, 'alice', 'phone', 7)

  // As a process that is killed leaves them: nobody closed anything.
  const path = join(folder.path, 'posthorn.db')
  for (const ending of ['', '-wal']) copyFileSync(opened.path + ending, path + ending)
  const store = await SqliteStore.open(path, ROOMY)
  try {
    expect(await seqsOf(store, 'alice')).toEqual(numbers(1, sent.length))
    expect(await openDevice(store, 'alice', 'phone')).toMatchObject({ cursor: 7 })
  } finally {
    await store.close()
  }
})

test('a body is stored once, however many users have it', async () => {
  await using opened = await openSqlite()
  const users = numbers(1, 1_000).map((number) => `user-${number}`)
  await send(opened.store, users, { title: 'x'.repeat(60_000) })
  using raw = rawConnection(opened.path)
  expect(valueOf(raw.connection, 'SELECT count(*) FROM notifications')).toBe(1)
  expect(valueOf(raw.connection, 'SELECT count(*) FROM inbox')).toBe(1_000)
})

test('keys that have expired run out faster than new ones come', async () => {
  await using opened = await openSqlite()
  const { store } = opened
  await Promise.all(numbers(1, 40).map((number) => send(store, 'alice', { key: `old-${number}` })))
  for (const number of numbers(1, 20)) {
    await send(store, 'alice', { key: `new-${number}`, at: AT + IDEMPOTENCY_MS })
  }
  using raw = rawConnection(opened.path)
  expect(valueOf(raw.connection, 'SELECT count(*) FROM idempotency_keys')).toBe(20)
})

const seed = drawSeed()
test(`the database is sound after random work at once (SEED=${seed})`, async () => {
  await using opened = await openSqlite()
  const { store, path } = opened
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const users = numbers(1, 10).map((number) => `user-${number}`)
  const pick = (): string => users[below(users.length)] ?? ''
  const one = async (): Promise<unknown> => {
    const device = `device-${below(3)}`
    switch (below(5)) {
      case 0:
        return store.send(sendCommand(users.slice(0, 1 + below(10)), { key: `k${below(20)}` }))
      case 1:
        return openDevice(store, pick(), device, { kind: below(2) === 0 ? 'latest' : 'stored' })
      case 2: {
        // Also of devices that are not there, and ahead of the log: that changes nothing.
        const user = pick()
        const { epoch } = await store.head(user)
        return store.acknowledge({ user, device, epoch, seq: below(100), at: AT })
      }
      default:
        return send(store, pick())
    }
  }
  for (let round = 0; round < 20; round++) await Promise.all(numbers(1, 40).map(one))

  using raw = rawConnection(path)
  const { connection } = raw
  expect(connection.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(connection.pragma('foreign_key_check')).toEqual([])
  // The counts and the end of each log are what a count of its entries gives.
  const drifted = connection.prepare(
    `SELECT users.name FROM users LEFT JOIN inbox ON inbox.user = users.id GROUP BY users.id
     HAVING users.latest <> count(inbox.seq) OR users.latest <> ifnull(max(inbox.seq), 0)
       OR users.unread <> count(inbox.seq) OR users.unseen <> count(inbox.seq)`,
  )
  expect(drifted.pluck().all()).toEqual([])
  const miscounted = connection.prepare(
    `SELECT notifications.uuid FROM notifications
     LEFT JOIN inbox ON inbox.notification = notifications.id GROUP BY notifications.id
     HAVING notifications.stored <> count(inbox.user)`,
  )
  expect(miscounted.pluck().all()).toEqual([])
  const ahead = connection.prepare(
    'SELECT devices.id FROM devices JOIN users ON users.id = devices.user WHERE cursor > latest',
  )
  expect(ahead.pluck().all()).toEqual([])
  expect(valueOf(connection, 'SELECT count(*) FROM inbox')).toBeGreaterThan(100)
  expect(existsSync(path)).toBe(true)
})
