import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { openWriter } from '../../../src/store/sqlite/database.js'
import { migrate } from '../../../src/store/sqlite/migrate.js'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { temporaryFolder } from '../../harness.js'
import { ROOMY, send, seqsOf } from '../contract/store-under-test.js'
import { heldIn, openSqlite, rawConnection, valueOf } from './files.js'

const MIGRATIONS = new URL('../../../migrations/sqlite/', import.meta.url)
const names = readdirSync(MIGRATIONS).toSorted()

const first = { number: 1, name: '0001_one.sql', sql: 'CREATE TABLE one (id INTEGER) STRICT' }
const second = { number: 2, name: '0002_two.sql', sql: 'CREATE TABLE two (id INTEGER) STRICT' }
const broken = {
  number: 3,
  name: '0003_broken.sql',
  sql: 'CREATE TABLE three (id INTEGER) STRICT; INSERT INTO one VALUES (1); INSERT INTO nowhere VALUES (1)',
}

/** A new file that no migration has touched, and the tables in it. */
function newDatabase() {
  const folder = temporaryFolder()
  const connection = openWriter(join(folder.path, 'posthorn.db'))
  return {
    connection,
    state: () => stateOf(connection),
    [Symbol.dispose]() {
      connection.close()
      folder[Symbol.dispose]()
    },
  }
}

/** All that a migration may have changed. */
function stateOf(connection: Database.Database) {
  return {
    version: connection.pragma('user_version', { simple: true }),
    schema: connection.prepare('SELECT type, name, sql FROM sqlite_schema ORDER BY name').all(),
  }
}

describe('the files', () => {
  test('are numbered from 0001 on, without a gap', () => {
    expect(names.length).toBeGreaterThan(0)
    expect(names.map((name) => name.slice(0, 5))).toEqual(
      names.map((_name, index) => `${String(index + 1).padStart(4, '0')}_`),
    )
    expect(names.filter((name) => !/^\d{4}_[a-z0-9-]+\.sql$/.test(name))).toEqual([])
  })

  test('leave the number of the last one in the database', () => {
    using database = newDatabase()
    migrate(database.connection)
    expect(database.state().version).toBe(names.length)
  })

  test('make strict tables, which hold what their columns say', () => {
    using database = newDatabase()
    migrate(database.connection)
    const lax = database.connection.prepare(
      `SELECT name FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND strict = 0`,
    )
    expect(lax.pluck().all()).toEqual([])
    expect(names.every((name) => readFileSync(new URL(name, MIGRATIONS), 'utf8') !== '')).toBe(true)
  })
})

describe('migrate', () => {
  test('does what is missing, in order', () => {
    using database = newDatabase()
    const { connection } = database
    migrate(connection, [first])
    expect(database.state().version).toBe(1)
    migrate(connection, [first, second])
    expect(database.state().version).toBe(2)
    expect(database.state().schema).toMatchObject([{ name: 'one' }, { name: 'two' }])
  })

  test('refuses, and undoes, what leaves a reference to a row that is gone', () => {
    using database = newDatabase()
    const { connection } = database
    migrate(connection, [first])
    connection.pragma('foreign_keys = OFF')
    const dangling = {
      number: 2,
      sql: `CREATE TABLE users (id INTEGER PRIMARY KEY) STRICT;
        CREATE TABLE devices (user INTEGER REFERENCES users (id)) STRICT; INSERT INTO devices VALUES (7)`,
    }
    const before = database.state()
    expect(() => migrate(connection, [first, dangling])).toThrow('refer to others which are gone')
    expect(database.state()).toEqual(before)
  })

  test('has references enforced afterwards, also where nothing was missing', () => {
    using database = newDatabase()
    const { connection } = database
    const orphan = () => connection.exec(`INSERT INTO deliveries VALUES (7, 7, 0)`)
    migrate(connection)
    expect(orphan).toThrow('FOREIGN KEY')
    connection.pragma('foreign_keys = OFF')
    migrate(connection)
    expect(orphan).toThrow('FOREIGN KEY')
  })

  test('changes nothing the second time', () => {
    using database = newDatabase()
    migrate(database.connection)
    const before = database.state()
    const meta = valueOf(database.connection, 'SELECT epoch FROM meta')
    migrate(database.connection)
    expect(database.state()).toEqual(before)
    expect(valueOf(database.connection, 'SELECT epoch FROM meta')).toBe(meta)
    expect(meta).toMatch(/^[0-9a-f]{16}$/)
  })

  test('leaves a new database empty where a later step fails', () => {
    using database = newDatabase()
    expect(() => migrate(database.connection, [first, second, broken])).toThrow(/nowhere/)
    expect(database.state()).toEqual({ version: 0, schema: [] })
  })

  test('leaves a database as it was where a step fails', () => {
    using database = newDatabase()
    const { connection } = database
    migrate(connection, [first])
    const before = database.state()
    expect(() => migrate(connection, [first, second, broken])).toThrow(/nowhere/)
    expect(database.state()).toEqual(before)
    expect(valueOf(connection, 'SELECT count(*) FROM one')).toBe(0)
    // Nothing is left under way: the next attempt starts afresh.
    migrate(connection, [first, second])
    expect(database.state().version).toBe(2)
  })

  test('refuses a database of a newer version, and changes nothing in it', () => {
    using database = newDatabase()
    migrate(database.connection, [first, second])
    const before = database.state()
    expect(() => migrate(database.connection, [first])).toThrow(
      'The database has schema 2, this version of Posthorn knows up to 1: start a newer version.',
    )
    expect(database.state()).toEqual(before)
  })
})

describe('SqliteStore.open', () => {
  test('refuses a database of a newer version in one clear line, and leaves nothing open', async () => {
    await using opened = await openSqlite()
    await send(opened.store, 'alice')
    await opened.store.close()
    const setVersion = (version: number): void => {
      using raw = rawConnection(opened.path)
      raw.connection.pragma(`user_version = ${version}`)
    }

    setVersion(999)
    await expect(SqliteStore.open(opened.path, ROOMY)).rejects.toThrow(
      `The database has schema 999, this version of Posthorn knows up to ${names.length}: start a newer version.`,
    )
    expect(heldIn(join(opened.path, '..'))).toEqual([])

    setVersion(names.length)
    expect(await seqsOf(await opened.reopen(), 'alice')).toEqual([1])
  })

  test.each([
    ['a text', Buffer.from('This is no database. '.repeat(500))],
    ['a file that was cut', Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(50, 7)])],
  ])('refuses %s, leaves it as it was, and leaves nothing open', async (_what, bytes) => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'posthorn.db')
    writeFileSync(path, bytes)
    await expect(SqliteStore.open(path, ROOMY)).rejects.toThrow(/not a database/)
    expect(readFileSync(path).equals(bytes)).toBe(true)
    expect(heldIn(folder.path)).toEqual([])
  })

  test('refuses a folder, and leaves nothing open', async () => {
    using folder = temporaryFolder()
    await expect(SqliteStore.open(folder.path, ROOMY)).rejects.toThrow(/EISDIR/)
    expect(heldIn(folder.path)).toEqual([])
  })
})

test('refuses the file of another program, and leaves it as it was', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  {
    using other = rawConnection(path)
    other.connection.exec('CREATE TABLE songs (title TEXT)')
  }
  await expect(SqliteStore.open(path, ROOMY)).rejects.toThrow(
    `${path}: The database holds the tables of another program.`,
  )
  using other = rawConnection(path)
  expect(other.connection.prepare('SELECT name FROM sqlite_schema').all()).toEqual([
    { name: 'songs' },
  ])
})
