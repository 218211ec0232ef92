import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openWriter } from '../../src/store/sqlite/database.js'
import { inspectDatabase } from '../../src/store/sqlite/inspect.js'
import { migrate } from '../../src/store/sqlite/migrate.js'
import { fill } from './filled-service.js'
import { TemporaryFolder } from './service-process.js'
import { entriesOf, storedContents, storedEntries, unrecordedDeliveries } from './stored.js'

test('a filled database is as sound as one that the service wrote', async () => {
  using folder = new TemporaryFolder()
  await fill(folder, { users: 7, each: 5 })
  expect(inspectDatabase(folder.database)).toEqual({ kind: 'sound', users: 7, notifications: 35 })
})

test('a filled database has the schema and the journal of a new one', async () => {
  using folder = new TemporaryFolder()
  await fill(folder, { users: 3, each: 2 })
  using fresh = new TemporaryFolder()
  const connection = openWriter(fresh.database)
  migrate(connection)
  connection.close()
  expect(schemaOf(folder.database)).toEqual(schemaOf(fresh.database))
})

test('users of a filled database were sent to in turn, and their phones have it all', async () => {
  using folder = new TemporaryFolder()
  await fill(folder, { users: 3, each: 2 })
  const { database } = folder
  const ids = storedContents(database).map((content) => /"id":"([^"]*)"/.exec(content)?.[1])
  expect(entriesOf(database, 'u_1')).toEqual([
    ['u_1', 1, ids[1]],
    ['u_1', 2, ids[4]],
  ])
  expect(storedEntries(database)).toHaveLength(6)
  expect(storedEntries(database, 4)).toEqual([
    ['u_1', 2, ids[4]],
    ['u_2', 2, ids[5]],
  ])
  const connection = new Database(database)
  expect(connection.prepare('SELECT count(*) FROM deliveries').pluck().get()).toBe(6)
  expect(unrecordedDeliveries(database)).toBe(0)
  connection.exec(`UPDATE devices SET name = 'bench-1'`)
  expect(unrecordedDeliveries(database)).toBe(0)
  connection.exec('DELETE FROM deliveries WHERE notification = 5')
  expect(unrecordedDeliveries(database)).toBe(1)
  expect(unrecordedDeliveries(database, 1)).toBe(0)
  connection.close()
})

function schemaOf(path: string) {
  const connection = new Database(path, { readonly: true })
  try {
    const entries = connection
      .prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name')
      .all()
    return {
      entries,
      version: connection.pragma('user_version'),
      journal: connection.pragma('journal_mode'),
    }
  } finally {
    connection.close()
  }
}
