import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import type { Entry } from './messages.js'

const EntryRow = z.object({ user: z.string(), seq: z.int(), id: z.string() })
const CountRow = z.object({ count: z.int() })

/** What a database holds, read past the service, which has stopped: each inbox in the order of its log. */
export function storedEntries(path: string): Entry[] {
  return readRows(
    path,
    `SELECT users.name AS user, inbox.seq AS seq, notifications.uuid AS id
     FROM inbox
     JOIN users ON users.id = inbox.user
     JOIN notifications ON notifications.id = inbox.notification
     ORDER BY inbox.user, inbox.seq`,
  ).map((row) => {
    const { user, seq, id } = EntryRow.parse(row)
    return [user, seq, id]
  })
}

/** How many entries no acknowledgement of their user's one device was recorded for. */
export function unrecordedDeliveries(path: string): number {
  const [row] = readRows(
    path,
    `SELECT count(*) AS count
     FROM inbox
     JOIN devices ON devices.user = inbox.user
     LEFT JOIN deliveries
       ON deliveries.notification = inbox.notification AND deliveries.device = devices.id
     WHERE deliveries.device IS NULL OR devices.cursor < inbox.seq`,
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

function readRows(path: string, sql: string, parameters: readonly string[] = []): unknown[] {
  const connection = new Database(path, { readonly: true })
  try {
    return connection.prepare(sql).all(...parameters)
  } finally {
    connection.close()
  }
}
