import { accessSync, constants, existsSync, lstatSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import Database from 'better-sqlite3'
import { BUSY_TIMEOUT_MS, type Connection } from './database.js'
import { isUpToDate } from './migrate.js'

/** What a look at a database file finds. */
export type Inspection =
  | { kind: 'absent' }
  | { kind: 'outdated' }
  | { kind: 'sound'; users: number; notifications: number }
  | { kind: 'broken'; complaints: string[] }

/** Complaints of one kind that are told: a file that is damaged may give thousands. */
const MAX_COMPLAINTS = 10

/** What must hold between the tables, each with a query that gives the users for whom it does not. */
const RULES: readonly { says: string; offenders: string }[] = [
  {
    says: 'has counts that are not those of the inbox',
    offenders: `SELECT users.name FROM users
      LEFT JOIN inbox ON inbox.user = users.id AND removed IS NULL AND archived_at IS NULL
      GROUP BY users.id
      HAVING users.unread <> count(CASE WHEN inbox.seq IS NOT NULL AND read_at IS NULL THEN 1 END)
        OR users.unseen <> count(CASE WHEN inbox.seq IS NOT NULL AND seen_at IS NULL THEN 1 END)`,
  },
  {
    says: 'has entries beyond the end of the log',
    offenders: `SELECT DISTINCT users.name FROM users JOIN inbox ON inbox.user = users.id
      WHERE inbox.seq > users.latest OR inbox.arrived_seq > inbox.seq`,
  },
  {
    says: 'has a device beyond the end of the log',
    offenders: `SELECT DISTINCT users.name FROM users JOIN devices ON devices.user = users.id
      WHERE devices.cursor > users.latest`,
  },
]

/**
 * Looks through a database, also while the service runs over it, and changes nothing.
 * @throws Error where it can't be opened or made, is no database, or one of a newer version
 */
export function inspectDatabase(path: string): Inspection {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    requireWritable(dirname(resolve(path)))
    return { kind: 'absent' }
  }
  const connection = new Database(path, {
    fileMustExist: true,
    timeout: BUSY_TIMEOUT_MS,
    // Whoever may write takes in the write-ahead log that a crash has left, and one that can only read makes one.
    readonly: existsSync(`${path}-wal`),
  })
  try {
    connection.pragma('query_only = ON')
    return connection.transaction(() => inspect(connection))()
  } finally {
    connection.close()
  }
}

function inspect(connection: Connection): Inspection {
  const isCurrent = isUpToDate(connection)
  const complaints = [
    // https://sqlite.org/pragma.html#pragma_integrity_check: one row that says `ok`, or a row for each fault.
    ...texts(connection, `PRAGMA integrity_check(${MAX_COMPLAINTS})`).filter((row) => row !== 'ok'),
    ...texts(connection, 'PRAGMA foreign_key_check')
      .slice(0, MAX_COMPLAINTS)
      .map((table) => `a row of ${table} refers to one that is gone`),
  ]
  if (complaints.length > 0) return { kind: 'broken', complaints }
  if (!isCurrent) return { kind: 'outdated' }
  for (const { says, offenders } of RULES) {
    const users = texts(connection, `${offenders} LIMIT ${MAX_COMPLAINTS}`)
    complaints.push(...users.map((user) => `the user ${JSON.stringify(user)} ${says}`))
  }
  if (complaints.length > 0) return { kind: 'broken', complaints }
  return {
    kind: 'sound',
    users: count(connection, 'users'),
    notifications: count(connection, 'notifications'),
  }
}

/** @throws Error where nothing can be made in a folder, or in the nearest one above that is there */
function requireWritable(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    return requireWritable(dirname(folder))
  }
  accessSync(`${folder}/`, constants.W_OK | constants.X_OK)
}

/** The first column of each row. */
function texts(connection: Connection, sql: string): string[] {
  return connection.prepare<[]>(sql).pluck().all().map(String)
}

function count(connection: Connection, table: 'users' | 'notifications'): number {
  return Number(connection.prepare(`SELECT count(*) FROM ${table}`).pluck().get())
}
