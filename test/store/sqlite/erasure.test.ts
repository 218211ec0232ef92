import { readFileSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { eraseWhole, sendTo } from '../contract/people-fixture.js'
import {
  BOUNDS,
  describeErasure,
  liveALife,
  MARK,
  VICTIM,
  type ErasableStore,
} from '../erasures.js'
import { openSqlite, rawConnection } from './files.js'

async function openErasable(bounds: { inboxLimit: number }): Promise<ErasableStore> {
  const opened = await openSqlite(bounds)
  const raw = <Result>(use: (connection: Database.Database) => Result): Promise<Result> => {
    using file = rawConnection(opened.path)
    return Promise.resolve(use(file.connection))
  }
  return {
    get store() {
      return opened.store
    },
    reopen: (newBounds) => opened.reopen(newBounds),
    everything: () =>
      raw((connection) =>
        connection
          .prepare<[], string>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
          .pluck()
          .all()
          .flatMap((name) =>
            connection
              .prepare<[], Record<string, unknown>>(`SELECT * FROM "${name}"`)
              .all()
              .flatMap((row) =>
                Object.entries(row).map(([at, value]) => `${name}.${at}: ${String(value)}`),
              ),
          ),
      ),
    count: (table, user) =>
      raw((connection) => {
        const column = table === 'users' ? 'id' : 'user'
        const sql = `SELECT count(*) FROM ${table} WHERE ${column} = ?`
        return connection.prepare<[number], number>(sql).pluck().get(user) ?? 0
      }),
    faults: () => raw((connection) => connection.prepare('PRAGMA foreign_key_check').all()),
    numberOf: (name) =>
      raw((connection) =>
        Number(connection.prepare('SELECT id FROM users WHERE name = ?').pluck().get(name) ?? 0),
      ),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

describeErasure(openErasable)

test('nor does its file hold anything of a user who was erased, once the service has stopped', async () => {
  await using opened = await openSqlite(BOUNDS)
  const { store, path } = opened
  await liveALife(store)
  await sendTo(store, VICTIM, `large ${MARK} `.repeat(2_000))
  expect(await eraseWhole(store, VICTIM, 100)).toBeGreaterThan(0)
  await store.close()
  expect(readFileSync(path).includes(MARK)).toBe(false)
})
