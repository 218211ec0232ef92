import { closeSync, openSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { tokenFor, temporaryFolder } from '../harness.js'
import { runCommand, ServiceProcess } from '../process.js'
import { Ledger, untilReadiness } from './ledger.js'

const PAGE_BYTES = 4_096

/** Overwrites the pages of a file from one on, as a failing disk or a stray program does. */
function overwrite(path: string, fromPage: number): void {
  const bytes = statSync(path).size - (fromPage - 1) * PAGE_BYTES
  const file = openSync(path, 'r+')
  try {
    writeSync(file, Buffer.alloc(bytes, 0x5a), 0, bytes, (fromPage - 1) * PAGE_BYTES)
  } finally {
    closeSync(file)
  }
}

/** A database with something in it, closed as a service closes it. */
async function makeDatabase(path: string): Promise<void> {
  await using service = await ServiceProcess.start(path)
  await new Ledger().sendAll(service.api, 'alice', 50)
  service.signal('SIGTERM')
  await service.exited
}

test.each<[string, (path: string) => void, RegExp]>([
  ['whose pages were overwritten', (path) => overwrite(path, 2), /the database is damaged/],
  ['that was cut off', (path) => truncateSync(path, 3 * PAGE_BYTES), /the database is damaged/],
  ['that is none', (path) => writeFileSync(path, 'no database. '.repeat(999)), /not a database/],
  [
    'of another program',
    (path) => {
      writeFileSync(path, '')
      const other = new Database(path)
      other.exec('CREATE TABLE theirs (a)')
      other.close()
    },
    /The database holds the tables of another program/,
  ],
])('a database %s is refused at the start, and by `posthorn check`', async (_kind, harm, says) => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await makeDatabase(path)
  harm(path)
  const environment = { DATABASE_URL: `sqlite:${path}`, PORT: '0' }
  const start = await runCommand(['serve'], environment)
  expect(start.errors).toMatch(says)
  expect(start.errors).toMatch(/^posthorn: the service can't start: [^\n]*\n$/)
  expect(start.code).toBe(1)
  const check = await runCommand(['check'], environment)
  expect([check.code, check.output + check.errors]).toEqual([1, expect.stringContaining(path)])
})

test('a database that is damaged under a running service: 503 where it shows, readyz says so, and the process lives', async () => {
  using folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  await makeDatabase(path)
  await using service = await ServiceProcess.start(path)
  const { api } = service
  overwrite(path, 2)

  const token = await tokenFor('alice')
  const list = await api.request('/v1/inbox', { token })
  expect([list.status, await list.json()]).toMatchObject([503, { code: 'store_unavailable' }])
  await untilReadiness(api, 'The database is damaged: run `posthorn check`, and restore a backup.')
  await service.logged(
    'the store is in trouble: the database is damaged: run `posthorn check`, and restore a backup',
  )
  expect((await api.request('/healthz')).status).toBe(200)
  await using phone = await api.connect('alice')
  expect(await phone.closed).toMatchObject({ code: 1013 })
  const check = await runCommand(['check'], { DATABASE_URL: `sqlite:${path}` })
  expect(check.code).toBe(1)
  service.signal('SIGTERM')
  expect(await service.exited).toEqual({ code: 0, signal: null })
})
