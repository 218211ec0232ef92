import { isUnread, isUnseen } from '../../inbox/state.js'
import type { Arrival } from '../../inbox/store.js'
import type { LogBounds } from '../log-bounds.js'
import { endOf } from '../endings.js'
import type { Connection } from './database.js'
import { prepareOutcome, prepareVanish, ROW_COLUMNS, type InboxRow } from './rows.js'
import { prepareKeepWithin, USER_LOG_COLUMNS, type UserLog } from './trim.js'
import { prepareMakeUser } from './users.js'

/** What is to stand in a user's inbox. */
export interface NewEntry {
  /** By name: the user is made where it is new. */
  user: string
  notification: number
  collapseKey: string | null
  expiresAt: number | null
  at: number
}

/**
 * Appends an entry to the log of a user. It takes the place of an older one with its collapse key; where a newer one stands
 * or stood there already it gives way (undefined).
 */
export function prepareAppend(
  connection: Connection,
  bounds: LogBounds,
): (entry: NewEntry) => Arrival | undefined {
  // `seq` comes from the user's own row, so that the commits of one user are in its order.
  const advance = connection.prepare<[string], UserLog>(
    `UPDATE users SET latest = latest + 1, entries = entries + 1, unread = unread + 1,
       unseen = unseen + 1
     WHERE name = ? RETURNING ${USER_LOG_COLUMNS}`,
  )
  // Apart from the update: an upsert would use up an id of AUTOINCREMENT each time.
  const makeUser = prepareMakeUser(connection)
  const insert = connection.prepare<
    [number, number, number, number, number, number | null, string | null]
  >(
    `INSERT INTO inbox (user, seq, arrived_seq, notification, moved_at, expires_at, collapse_key)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const displace = prepareDisplace(connection)
  const keepWithin = prepareKeepWithin(connection, bounds)

  return ({ user, notification, collapseKey, expiresAt, at }) => {
    if (!displace({ user, collapseKey, notification, at })) return undefined
    let log = advance.get(user)
    if (!log) {
      makeUser(user)
      log = advance.get(user)
    }
    if (!log) throw new Error('a user who was just made is not there')
    const { id, latest: seq } = log
    insert.run(id, seq, seq, notification, at, expiresAt, collapseKey)
    const { unread, unseen } = keepWithin(log, at)
    return { user, seq, unread, unseen }
  }
}

/** Makes room at a collapse key for a notification; false where a newer one stands or stood there, and that is noted. */
function prepareDisplace(connection: Connection) {
  const find = connection.prepare<[string, string], InboxRow>(
    `SELECT ${ROW_COLUMNS} FROM users
     JOIN inbox ON inbox.user = users.id AND inbox.collapse_key = ?
     WHERE users.name = ?`,
  )
  // Retention may have removed it meanwhile: how it ended is still known. What was stored with nobody never came.
  const findGone = connection.prepare<[string, number, string], { user: number }>(
    `SELECT users.id AS user FROM users
     JOIN outcomes ON outcomes.user = users.id
     JOIN notifications ON notifications.id = outcomes.notification
     WHERE users.name = ? AND outcomes.notification > ? AND notifications.collapse_key = ?
       AND notifications.stored > 0 LIMIT 1`,
  )
  const settle = connection.prepare<[number, number, number, number, number]>(
    `UPDATE users SET entries = entries - ?, tombstones = tombstones - ?, unread = unread - ?,
       unseen = unseen - ? WHERE id = ?`,
  )
  const vanish = prepareVanish(connection)
  const record = prepareOutcome(connection)

  return (entry: Omit<NewEntry, 'expiresAt'>): boolean => {
    const { user, collapseKey, notification, at } = entry
    if (collapseKey === null) return true
    const row = find.get(collapseKey, user)
    // Ids are given out in the order of acceptance.
    const newer = row
      ? row.notification > notification && row
      : findGone.get(user, notification, collapseKey)
    if (newer) {
      record({ user: newer.user, notification }, 'replaced')
      return false
    }
    if (!row) return true
    vanish(row, endOf(row, 'replaced', at))
    const isAlive = row.removed === null
    settle.run(
      Number(isAlive),
      Number(!isAlive),
      Number(isAlive && isUnread(row)),
      Number(isAlive && isUnseen(row)),
      row.user,
    )
    return true
  }
}
