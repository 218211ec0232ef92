import type { RemovalReason } from '../../protocol/down/removed.js'
import type { Removal } from '../../inbox/stores/lifetimes.js'
import { endOf } from '../endings.js'
import { mostTrimmed, type LogBounds } from '../log-bounds.js'
import type { Transaction } from './database.js'
import { grouped } from './grouped.js'
import { holdUsersById } from './held-logs.js'
import { LogChanges } from './log-changes.js'
import { ROW_COLUMNS, type InboxRow } from './rows.js'
import { original } from './text.js'
import { keepWithin, loadOldest, uncount } from './trim.js'

/** An entry by its notification and user. */
export interface EntryName {
  notification: number
  userId: number
}

/**
 * Makes tombstones of entries, those that are alive then, in the order in which they are named: each moves to the next `seq` of its user,
 * and the counts move with it.
 */
export async function removeAll(
  transaction: Transaction,
  names: readonly EntryName[],
  wanted: RemovalReason,
  { at, bounds }: { at: number; bounds: LogBounds },
): Promise<Removal[]> {
  if (names.length === 0) return []
  const held = await holdUsersById(
    transaction,
    names.map(({ userId }) => userId),
  )
  const living = names.filter(({ userId }) => held.byId(userId))
  const changes = new LogChanges()
  const more = new Map(
    [...grouped(living, ({ userId }) => userId)].map(([userId, entries]) => {
      const log = held.byId(userId)
      const coming = { entries: 0, tombstones: entries.length }
      return [userId, log ? mostTrimmed(log, coming, bounds) : 0]
    }),
  )
  const [found] = await Promise.all([
    transaction.query<InboxRow & { uuid: string }>(
      `SELECT ${ROW_COLUMNS}, notifications.uuid
       FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS named (notification, user_id, place)
       JOIN inbox ON inbox.notification = named.notification AND inbox.user_id = named.user_id
       JOIN notifications ON notifications.id = inbox.notification
       WHERE inbox.removed IS NULL ORDER BY named.place`,
      [living.map(({ notification }) => notification), living.map(({ userId }) => userId)],
    ),
    loadOldest(transaction, changes, more),
  ])
  const removals = found.flatMap(({ uuid, ...each }): Removal[] => {
    const log = held.byId(each.userId)
    const row = changes.known(each)
    // What one tombstone is too many for may have taken the next entry with it.
    if (!log || changes.isGone(row)) return []
    const reason = endOf(row, wanted, at)
    uncount(log, row)
    log.latest += 1
    log.tombstones += 1
    const seq = log.latest
    changes.bury(row, { seq, removed: reason, at })
    keepWithin(changes, log, bounds, at)
    const { unread, unseen } = log
    const collapseKey = row.collapseKey === null ? null : original(row.collapseKey)
    return [{ user: log.name, seq, id: uuid, collapseKey, reason, unread, unseen }]
  })
  await changes.save(transaction, held)
  return removals
}
