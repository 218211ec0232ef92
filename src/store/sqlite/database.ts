import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'

export type Connection = Database.Database

/** How long a connection waits for another one's lock, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000

/** And while that one is known to hold it. */
const SHORT_BUSY_TIMEOUT_MS = 250

/** The page cache of the connection that writes: 32 MiB (negative: KiB, https://sqlite.org/pragma.html#pragma_cache_size). */
const WRITER_CACHE_SIZE = -32 * 1024

/** And of the one that reads: 64 MiB. In a large database each notification of a list stands on a page of its own (`growth`). */
const READER_CACHE_SIZE = -64 * 1024

/** After a checkpoint the write-ahead log is cut to this size: 64 MiB. */
const JOURNAL_SIZE_LIMIT = 64 * 1024 * 1024

/** Makes the file, and its folder, where they are not there, which only their owner may read. */
export function makeDatabase(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
}

/**
 * Opens the connection that writes. References are not enforced yet, since a migration may have to rebuild a table
 * (https://sqlite.org/lang_altertable.html §7): `migrate` turns that on when it is done.
 */
export function openWriter(path: string): Connection {
  makeDatabase(path)
  const connection = new Database(path, { timeout: BUSY_TIMEOUT_MS })
  connection.pragma('journal_mode = WAL')
  // FULL syncs the write-ahead log at every commit: what was answered is on disk
  // (https://sqlite.org/pragma.html#pragma_synchronous; NORMAL may lose the last commits with the power).
  connection.pragma('synchronous = FULL')
  // What is deleted is overwritten with zeros, or it could be read from the file's free pages long after its user was erased
  // (https://sqlite.org/pragma.html#pragma_secure_delete).
  connection.pragma('secure_delete = ON')
  connection.pragma(`cache_size = ${WRITER_CACHE_SIZE}`)
  connection.pragma(`journal_size_limit = ${JOURNAL_SIZE_LIMIT}`)
  return connection
}

/** Sets how long a connection waits for another one's lock. */
export function waitForLock(connection: Connection, how: 'patiently' | 'shortly'): void {
  const timeout = how === 'patiently' ? BUSY_TIMEOUT_MS : SHORT_BUSY_TIMEOUT_MS
  connection.pragma(`busy_timeout = ${timeout}`)
}

/** Opens a connection that reads beside the writer; each transaction sees the last commit before it began. */
export function openReader(path: string): Connection {
  const connection = new Database(path, { readonly: true, timeout: BUSY_TIMEOUT_MS })
  connection.pragma(`cache_size = ${READER_CACHE_SIZE}`)
  return connection
}

/**
 * Opens a connection that changes nothing and leaves no file behind, whether a service runs over the database or not.
 * @throws Error where the file is not there
 */
export function openOnlooker(path: string): Connection {
  const connection = new Database(path, {
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
    // Whoever may write takes in the write-ahead log that a crash has left, and one that can only read makes one.
    readonly: existsSync(`${path}-wal`),
  })
  connection.pragma('query_only = ON')
  return connection
}
