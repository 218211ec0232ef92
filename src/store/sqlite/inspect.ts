import { accessSync, constants, lstatSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { openOnlooker, type Connection } from './database.js'
import { isUpToDate } from './migrate.js'

/** What a look at a database file finds. */
export type Inspection =
  | { kind: 'absent' }
  | { kind: 'outdated' }
  | { kind: 'sound'; users: number; notifications: number }
  | { kind: 'broken'; complaints: string[] }

/** Complaints of one kind that are told: a file that is damaged may give thousands. */
const MAX_COMPLAINTS = 10

/** What must hold of each user, each with a query that gives the ids of those for whom it does not. */
const USER_RULES: readonly Rule[] = [
  {
    says: 'has counts that are not those of the inbox',
    offenders: `SELECT users.id FROM users
      LEFT JOIN inbox ON inbox.user = users.id AND removed IS NULL AND archived_at IS NULL
      GROUP BY users.id
      HAVING users.unread <> count(CASE WHEN inbox.seq IS NOT NULL AND read_at IS NULL THEN 1 END)
        OR users.unseen <> count(CASE WHEN inbox.seq IS NOT NULL AND seen_at IS NULL THEN 1 END)`,
  },
  {
    says: 'has a number of entries, or of tombstones, that is not that of the inbox',
    offenders: `SELECT users.id FROM users LEFT JOIN inbox ON inbox.user = users.id
      GROUP BY users.id
      HAVING users.entries + users.tombstones <> count(inbox.seq)
        OR users.tombstones <> count(inbox.removed)`,
  },
  {
    says: 'has entries beyond the end of the log',
    offenders: `SELECT users.id FROM users JOIN inbox ON inbox.user = users.id
      WHERE inbox.seq > users.latest OR inbox.arrived_seq > inbox.seq`,
  },
  {
    says: 'has a horizon that entries stand below, or that is beyond the end of the log',
    offenders: `SELECT users.id FROM users WHERE users.horizon > users.latest
        OR EXISTS (SELECT 1 FROM inbox WHERE inbox.user = users.id AND seq <= users.horizon)`,
  },
  {
    says: 'has an entry that is there and has ended',
    offenders: `SELECT inbox.user FROM inbox
      JOIN outcomes ON outcomes.notification = inbox.notification AND outcomes.user = inbox.user`,
  },
  {
    says: 'has an entry that ends, or is replaced, otherwise than its notification',
    offenders: `SELECT inbox.user FROM inbox
      JOIN notifications ON notifications.id = inbox.notification
      WHERE inbox.expires_at IS NOT notifications.expires_at
        OR inbox.collapse_key IS NOT notifications.collapse_key`,
  },
  {
    says: 'has a device beyond the end of the log',
    offenders: `SELECT users.id FROM users JOIN devices ON devices.user = users.id
      WHERE devices.cursor > users.latest`,
  },
]

/** What must hold of each notification, each with a query that gives the ids of those for which it does not. */
const NOTIFICATION_RULES: readonly Rule[] = [
  {
    says: 'is on its way with nothing that goes on, or has arrived with something that does',
    offenders: `SELECT notifications.id FROM notifications
      LEFT JOIN fan_outs ON fan_outs.notification = notifications.id
      WHERE (status = 'fanning_out') <> (work IS NOT NULL AND work = 'deliver')
        OR (work = 'recall' AND status <> 'recalled')`,
  },
  {
    says: 'was recalled, and is in an inbox that nothing takes it out of',
    offenders: `SELECT notifications.id FROM notifications
      JOIN inbox ON inbox.notification = notifications.id AND inbox.removed IS NULL
      WHERE status = 'recalled'
        AND NOT EXISTS (SELECT 1 FROM fan_outs WHERE fan_outs.notification = notifications.id)`,
  },
  {
    says: 'waits for its time, and has come already',
    offenders: `SELECT notifications.id FROM notifications
      JOIN scheduled ON scheduled.uuid = notifications.uuid`,
  },
]

interface Rule {
  says: string
  offenders: string
}

/**
 * Looks through a database, also while the service runs over it, and changes nothing.
 * @throws Error where it can't be opened or made, is no database, or one of a newer version
 */
export function inspectDatabase(path: string): Inspection {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
    requireWritable(dirname(resolve(path)))
    return { kind: 'absent' }
  }
  const connection = openOnlooker(path)
  try {
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
  for (const { says, offenders } of USER_RULES) {
    // Of those who are being erased what is left need not fit together.
    const users = texts(
      connection,
      `SELECT name FROM users WHERE id IN (${offenders}) AND id NOT IN (SELECT user FROM erasures)
       ORDER BY id LIMIT ${MAX_COMPLAINTS}`,
    )
    complaints.push(...users.map((user) => `the user ${JSON.stringify(user)} ${says}`))
  }
  for (const { says, offenders } of NOTIFICATION_RULES) {
    const ids = texts(
      connection,
      `SELECT uuid FROM notifications WHERE id IN (${offenders}) ORDER BY id LIMIT ${MAX_COMPLAINTS}`,
    )
    complaints.push(...ids.map((id) => `the notification ${id} ${says}`))
  }
  const miscount = `SELECT users FROM meta
    WHERE users <> (SELECT count(*) FROM users) - (SELECT count(*) FROM erasures)`
  complaints.push(
    ...texts(connection, miscount).map((known) => `${known} users are said to be known`),
  )
  if (complaints.length > 0) return { kind: 'broken', complaints }
  return {
    kind: 'sound',
    users: one(connection, 'SELECT users FROM meta'),
    notifications: one(connection, 'SELECT count(*) FROM notifications'),
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

/** A number that one row says. */
function one(connection: Connection, sql: string): number {
  return Number(connection.prepare<[]>(sql).pluck().get())
}
