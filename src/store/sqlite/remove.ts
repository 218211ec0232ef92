import type { RemovalReason } from '../../protocol/down/removed.js'
import { isUnread, isUnseen } from '../../inbox/state.js'
import type { Removal } from '../../inbox/stores/lifetimes.js'
import type { LogBounds } from '../log-bounds.js'
import { endOf } from '../endings.js'
import type { Connection } from './database.js'
import type { InboxRow } from './rows.js'
import { prepareKeepWithin, USER_LOG_COLUMNS, type UserLog } from './trim.js'

/** A living entry, with what its tombstone tells. */
export interface LivingRow extends InboxRow {
  uuid: string
  collapseKey: string | null
}

/** Makes a tombstone of an entry: it moves to the next `seq` of its user, and the counts move with it. */
export function prepareRemove(
  connection: Connection,
  bounds: LogBounds,
): (row: LivingRow, reason: RemovalReason, at: number) => Removal {
  const advance = connection.prepare<[number, number, number], UserLog & { name: string }>(
    `UPDATE users SET latest = latest + 1, entries = entries - 1, tombstones = tombstones + 1,
       unread = unread - ?, unseen = unseen - ?
     WHERE id = ? RETURNING ${USER_LOG_COLUMNS}, name`,
  )
  const bury = connection.prepare<[number, RemovalReason, number, number, number]>(
    'UPDATE inbox SET seq = ?, removed = ?, moved_at = ? WHERE user = ? AND seq = ?',
  )
  const keepWithin = prepareKeepWithin(connection, bounds)

  return (row, wanted, at) => {
    const reason = endOf(row, wanted, at)
    const log = advance.get(Number(isUnread(row)), Number(isUnseen(row)), row.user)
    if (!log) throw new Error('an entry has no user')
    bury.run(log.latest, reason, at, row.user, row.seq)
    const { unread, unseen } = keepWithin(log, at)
    const { uuid: id, collapseKey } = row
    return { user: log.name, seq: log.latest, id, collapseKey, reason, unread, unseen }
  }
}
