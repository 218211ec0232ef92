import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openReader, openWriter } from '../../../src/store/sqlite/database.js'
import { temporaryFolder } from '../../harness.js'
import { send } from '../contract/store-under-test.js'
import { openSqlite } from './files.js'

const permissions = (path: string): number => statSync(path).mode & 0o777

test('the writing connection syncs every commit, keeps a write-ahead log and minds foreign keys', () => {
  using folder = temporaryFolder()
  const writer = openWriter(join(folder.path, 'posthorn.db'))
  const pragma = (name: string): unknown => writer.pragma(name, { simple: true })
  // 2 is FULL: https://sqlite.org/pragma.html#pragma_synchronous.
  expect(pragma('synchronous')).toBe(2)
  expect(pragma('journal_mode')).toBe('wal')
  expect(pragma('foreign_keys')).toBe(1)
  expect(pragma('busy_timeout')).toBeGreaterThan(0)
  writer.close()
})

test('the reading connection writes nothing', () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const writer = openWriter(path)
  const reader = openReader(path)
  expect(() => reader.exec('CREATE TABLE mine (id INTEGER)')).toThrow(/readonly/)
  reader.close()
  writer.close()
})

test('makes the folder and the files for their owner alone', () => {
  using folder = temporaryFolder()
  const outer = join(folder.path, 'data')
  const inner = join(outer, 'inner')
  const writer = openWriter(join(inner, 'posthorn.db'))
  writer.exec('CREATE TABLE one (id INTEGER)')
  expect([outer, inner].map(permissions)).toEqual([0o700, 0o700])
  const files = readdirSync(inner).toSorted()
  expect(files).toEqual(['posthorn.db', 'posthorn.db-shm', 'posthorn.db-wal'])
  expect(files.map((name) => permissions(join(inner, name)))).toEqual([0o600, 0o600, 0o600])
  writer.close()
})

test('leaves one file when it is closed: the write-ahead log is part of it by then', async () => {
  using folder = temporaryFolder()
  const opened = await openSqlite()
  await send(opened.store, 'alice')
  await opened.store.close()
  expect(readdirSync(join(opened.path, '..'))).toEqual(['posthorn.db'])
  await opened[Symbol.asyncDispose]()
  expect(readdirSync(folder.path)).toEqual([])
})
