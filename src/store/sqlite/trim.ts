import { isUnread, isUnseen } from '../../inbox/state.js'
import { isOverfull, TRIMMED_PER_ROW, type LogBounds } from '../log-bounds.js'
import { endOf } from '../endings.js'
import type { Connection } from './database.js'
import { prepareVanish, ROW_COLUMNS, type InboxRow } from './rows.js'

/** A user's row as far as its log goes. */
export interface UserLog {
  id: number
  latest: number
  entries: number
  tombstones: number
  unread: number
  unseen: number
}

export const USER_LOG_COLUMNS = 'id, latest, entries, tombstones, unread, unseen'

/**
 * Removes what is too much from the beginning of a log, or last changed before a time; at most `limit` rows. Whatever
 * stands before what is removed goes with it, so that one horizon says what may be missing. Gives the log as it is then.
 */
export function prepareTrim(connection: Connection, bounds: LogBounds) {
  const vanish = prepareVanish(connection)
  const oldest = connection.prepare<[number], InboxRow & { movedAt: number }>(
    `SELECT ${ROW_COLUMNS}, moved_at AS movedAt FROM inbox WHERE user = ? ORDER BY seq LIMIT 1`,
  )
  const settle = connection.prepare<UserLog & { horizon: number }>(
    `UPDATE users SET horizon = :horizon, entries = :entries, tombstones = :tombstones,
       unread = :unread, unseen = :unseen WHERE id = :id`,
  )
  return (
    before: UserLog,
    { at, agedBefore, limit }: { at: number; agedBefore: number; limit: number },
  ): UserLog & { removed: number } => {
    const log = { ...before }
    let [horizon, removed] = [0, 0]
    // One by one: an inbox that is full has one too many at each arrival, and its send must not pay for reading a hundred.
    for (let row = oldest.get(log.id); row && removed < limit; row = oldest.get(log.id)) {
      if (row.movedAt >= agedBefore && !isOverfull(log, bounds)) break
      vanish(row, endOf(row, 'removed', at))
      if (row.removed === null) {
        log.entries -= 1
        log.unread -= Number(isUnread(row))
        log.unseen -= Number(isUnseen(row))
      } else {
        log.tombstones -= 1
      }
      horizon = row.seq
      removed += 1
    }
    if (removed > 0) settle.run({ ...log, horizon })
    return { ...log, removed }
  }
}

/** Brings a log that one more row has come to back towards its bounds. Gives it as it is then. */
export function prepareKeepWithin(
  connection: Connection,
  bounds: LogBounds,
): (log: UserLog, at: number) => UserLog {
  const trim = prepareTrim(connection, bounds)
  return (log, at) =>
    isOverfull(log, bounds) ? trim(log, { at, agedBefore: 0, limit: TRIMMED_PER_ROW }) : log
}
