import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import type { Entry } from './messages.js'

const EntryRow = z.object({ user: z.string(), seq: z.int(), id: z.string() })
const ContentRow = z.object({ content: z.string() })
const CountRow = z.object({ count: z.int() })

/**
 * What a database holds, read past the service, which has stopped: each inbox in the order of its log. Of one that was filled before,
 * `after` leaves out the first so many notifications.
 */
export function storedEntries(path: string, after = 0): Entry[] {
  return readEntries(path, `WHERE inbox.notification > ? ORDER BY inbox.user, inbox.seq`, after)
}

/** What a database holds for one user, in the order of the log. */
export function entriesOf(path: string, user: string): Entry[] {
  return readEntries(path, `WHERE users.name = ? ORDER BY inbox.seq`, user)
}

/** The contents of all notifications, in the order of their acceptance. */
export function storedContents(path: string): string[] {
  const rows = readRows(path, 'SELECT content FROM notifications ORDER BY id')
  return rows.map((row) => ContentRow.parse(row).content)
}

function readEntries(path: string, which: string, parameter: number | string): Entry[] {
  return readRows(
    path,
    `SELECT users.name AS user, inbox.seq AS seq, notifications.uuid AS id
     FROM inbox
     JOIN users ON users.id = inbox.user
     JOIN notifications ON notifications.id = inbox.notification ${which}`,
    [parameter],
  ).map((row) => {
    const { user, seq, id } = EntryRow.parse(row)
    return [user, seq, id]
  })
}

/**
 * How many entries no acknowledgement of a load's device was recorded for, of all devices together; `upTo` leaves out those that came
 * when the devices were gone.
 */
export function unrecordedDeliveries(path: string, upTo = Number.MAX_SAFE_INTEGER): number {
  const [row] = readRows(
    path,
    // In this order: of many users in a database only some are a load's.
    `SELECT count(*) AS count
     FROM devices
     CROSS JOIN inbox ON inbox.user = devices.user
     LEFT JOIN deliveries
       ON deliveries.notification = inbox.notification AND deliveries.device = devices.id
     WHERE devices.name LIKE 'bench%' AND inbox.seq <= ?
       AND (deliveries.device IS NULL OR devices.cursor < inbox.seq)`,
    [upTo],
  )
  return CountRow.parse(row).count
}

/** How many rows a database keeps on account of one user. */
export function rowsOf(path: string, user: string) {
  const mine = '(SELECT id FROM users WHERE name = ?)'
  const count = (rows: string): number => {
    const [row] = readRows(path, `SELECT count(*) AS count FROM ${rows}`, [user])
    return CountRow.parse(row).count
  }
  return {
    entries: count(`inbox WHERE user = ${mine}`),
    devices: count(`devices WHERE user = ${mine}`),
    topics: count(`subscriptions WHERE user = ${mine}`),
    deliveries: count(
      `deliveries WHERE notification IN (SELECT notification FROM inbox WHERE user = ${mine})`,
    ),
  }
}

function readRows(
  path: string,
  sql: string,
  parameters: readonly (number | string)[] = [],
): unknown[] {
  const connection = new Database(path, { readonly: true })
  try {
    return connection.prepare(sql).all(...parameters)
  } finally {
    connection.close()
  }
}
