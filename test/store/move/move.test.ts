import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { moveDatabase } from '../../../src/store/move/move.js'
import { Database } from '../../../src/store/postgres/database.js'
import { settleEpoch } from '../../../src/store/postgres/epoch.js'
import { backUp } from '../../../src/store/sqlite/backup.js'
import { DatabaseLock } from '../../../src/store/sqlite/lock.js'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { temporaryFolder } from '../../harness.js'
import { findPostgres, startPostgres, type PostgresServer } from '../../postgres.js'
import { drawSeed } from '../../random.js'
import { readVersion } from '../sqlite/versions/record.js'
import { dumpPostgres, dumpSqlite, makeSource, using } from './sources.js'

const bin = findPostgres()
const nothingTold = (): void => undefined

describe.skipIf(bin === undefined)('a move', () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const seed = drawSeed()
  let server: PostgresServer
  let made = 0

  /** An empty database of the server. */
  async function emptyTarget(): Promise<string> {
    const name = `target_${++made}`
    await using(server.url('postgres'), (client) => client.query(`CREATE DATABASE ${name}`))
    return server.url(name)
  }

  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
    await makeSource(path, seed)
  })

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  test(`brings every row as it is, and leaves the file as it is (seed ${seed})`, async () => {
    const url = await emptyTarget()
    const [before, dump] = [readFileSync(path), dumpSqlite(path)]
    for (const [table, rows] of Object.entries(dump)) {
      expect(rows.length, `of ${table} there is nothing to move`).toBeGreaterThan(0)
    }
    const { rows, copied } = await moveDatabase(path, url, nothingTold)
    expect(copied).toBe(rows)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(await dumpPostgres(url, Object.keys(dump))).toEqual(dump)
    expect(rows).toBe(Object.values(dump).flat().length)
  })

  test('brings which database it is, how many users are known and of what type each is', async () => {
    const url = await emptyTarget()
    const { users } = await moveDatabase(path, url, nothingTold)
    const store = await SqliteStore.open(path, { inboxLimit: 200 })
    const { epoch } = await store.head('nobody')
    await store.close()
    const [meta, types] = await using(url, async (client) => [
      await client.query(
        `SELECT epoch || '.' || erasures AS epoch, filling, (SELECT sum(delta)::int FROM known_users) AS users FROM meta`,
      ),
      await client.query(
        `SELECT count(*) FROM notifications WHERE content NOT LIKE '%"type":"' || type || '"%'`,
      ),
    ])
    expect(meta.rows).toEqual([{ epoch, filling: null, users: String(users) }])
    expect(types.rows).toEqual([{ count: 0 }])
  })

  test('lets ids go on after the highest that was ever drawn', async () => {
    const url = await emptyTarget()
    await moveDatabase(path, url, nothingTold)
    const next = await using(url, (client) =>
      client.query(
        `INSERT INTO devices (user_id, name, cursor, created_at, last_seen_at) VALUES (1, 'new', 0, 0, 0)
         RETURNING id > (SELECT max(device) FROM deliveries) AS beyond`,
      ),
    )
    expect(next.rows).toEqual([{ beyond: true }])
    const turns = await using(url, (client) =>
      client.query(`SELECT nextval('fan_out_turns') > max(turn) AS beyond FROM fan_outs`),
    )
    expect(turns.rows).toEqual([{ beyond: true }])
  })

  test('is refused by a target that holds a log, and by a database that is in use', async () => {
    const url = await emptyTarget()
    await moveDatabase(path, url, nothingTold)
    await expect(moveDatabase(path, url, nothingTold)).rejects.toThrow('the target is not empty')
    const lock = DatabaseLock.take(path)
    try {
      await expect(moveDatabase(path, url, nothingTold)).rejects.toThrow('another Posthorn runs')
    } finally {
      lock.free()
    }
  })

  test('that has not ended lets no service start, and goes on for its own file alone', async () => {
    const url = await emptyTarget()
    const cut = new Error('cut')
    const cutAt = (): never => {
      throw cut
    }
    await expect(moveDatabase(path, url, cutAt)).rejects.toBe(cut)
    const database = new Database({ url, connections: 2, report: () => undefined })
    await expect(settleEpoch(database, { anew: true })).rejects.toThrow('A move into this database')
    using elsewhere = temporaryFolder()
    const other = join(elsewhere.path, 'other.db')
    await (await SqliteStore.open(other, { inboxLimit: 10 })).close()
    await expect(moveDatabase(other, url, nothingTold)).rejects.toThrow('of another database')
    const { rows, copied } = await moveDatabase(path, url, nothingTold)
    expect(copied).toBeLessThan(rows)
    const dump = dumpSqlite(path)
    expect(await dumpPostgres(url, Object.keys(dump))).toEqual(dump)
    await settleEpoch(database, { anew: true })
    await database.close()
  })

  test('does not go on where a service has written meanwhile', async () => {
    const url = await emptyTarget()
    using elsewhere = temporaryFolder()
    const copy = join(elsewhere.path, 'copy.db')
    backUp(path, copy)
    await (await SqliteStore.open(copy, { inboxLimit: 200 })).close()
    const cut = new Error('cut')
    const cutAt = (): never => {
      throw cut
    }
    await expect(moveDatabase(copy, url, cutAt)).rejects.toBe(cut)
    const again = await SqliteStore.open(copy, { inboxLimit: 200 })
    await again.revoke({ kind: 'user', name: 'another', time: 1 })
    await again.close()
    await expect(moveDatabase(copy, url, nothingTold)).rejects.toThrow('has changed since')
  })

  test('of a copy that nobody opened begins another life', async () => {
    const url = await emptyTarget()
    using elsewhere = temporaryFolder()
    const copy = join(elsewhere.path, 'copy.db')
    backUp(path, copy)
    await moveDatabase(copy, url, nothingTold)
    const [theirs, ours] = await Promise.all([
      using(url, (client) => client.query('SELECT epoch FROM meta')),
      moveDatabase(path, await emptyTarget(), nothingTold).then(() =>
        using(server.url(`target_${made}`), (client) => client.query('SELECT epoch FROM meta')),
      ),
    ])
    expect(theirs.rows).not.toEqual(ours.rows)
  })

  test.each(['0001', '0002'])(
    'takes a file of schema %s once a service has opened it',
    async (name) => {
      using elsewhere = temporaryFolder()
      const old = join(elsewhere.path, 'posthorn.db')
      readVersion(name).writeTo(old)
      const url = await emptyTarget()
      await expect(moveDatabase(old, url, nothingTold)).rejects.toThrow('start the service over it')
      await (await SqliteStore.open(old, { inboxLimit: 1_000 })).close()
      await moveDatabase(old, url, nothingTold)
      const dump = dumpSqlite(old)
      expect(await dumpPostgres(url, Object.keys(dump))).toEqual(dump)
    },
  )

  test('takes the file that the last schema left', async () => {
    using elsewhere = temporaryFolder()
    const old = join(elsewhere.path, 'posthorn.db')
    readVersion('0003').writeTo(old)
    const url = await emptyTarget()
    await moveDatabase(old, url, nothingTold)
    const dump = dumpSqlite(old)
    expect(await dumpPostgres(url, Object.keys(dump))).toEqual(dump)
  })
})

test('says in a line that nobody answers there', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await (await SqliteStore.open(path, { inboxLimit: 10 })).close()
  await expect(
    moveDatabase(path, 'postgres://posthorn:hunter2@127.0.0.1:1/x', nothingTold),
  ).rejects.toThrow(/^the target can't be reached: connect ECONNREFUSED 127\.0\.0\.1:1$/)
})
