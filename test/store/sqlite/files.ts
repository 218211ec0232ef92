import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Store } from '../../../src/inbox/store.js'
import { SqliteStore } from '../../../src/store/sqlite/store.js'
import { temporaryFolder } from '../../harness.js'
import { ROOMY, type StoreUnderTest } from '../contract/store-under-test.js'

/** A store in a file of a folder of its own. */
export interface SqliteUnderTest extends StoreUnderTest {
  path: string
}

export async function openSqlite(bounds = ROOMY): Promise<SqliteUnderTest> {
  const folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  let store: Store = await SqliteStore.open(path, bounds)
  return {
    path,
    get store() {
      return store
    },
    async reopen(newBounds = bounds) {
      await store.close()
      return (store = await SqliteStore.open(path, newBounds))
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
}

/** A connection of the test's own to a store's file, past the store. */
export function rawConnection(path: string): {
  connection: Database.Database
  [Symbol.dispose]: () => void
} {
  const connection = new Database(path)
  return { connection, [Symbol.dispose]: () => void connection.close() }
}

/** The one value of a query's one row. */
export function valueOf(connection: Database.Database, sql: string): unknown {
  return connection.prepare(sql).pluck().get()
}

/** The files in a folder that this process holds open; where the system doesn't tell (no /proc), none. */
export function heldIn(folder: string): string[] {
  const descriptors = '/proc/self/fd'
  if (!existsSync(descriptors)) return []
  return readdirSync(descriptors).flatMap((descriptor) => {
    try {
      const target = readlinkSync(join(descriptors, descriptor))
      return target.startsWith(folder) ? [target] : []
    } catch {
      // The descriptor by which the folder itself was read.
      return []
    }
  })
}
