import { isUnread, isUnseen } from '../../inbox/state.js'
import type { Overfull, OverfullQuery, TrimCommand, Trimmed } from '../../inbox/stores/lifetimes.js'
import { endOf } from '../endings.js'
import { isOverfull, TRIMMED_PER_ROW, type LogBounds } from '../log-bounds.js'
import type { Reads, Transaction } from './database.js'
import { grouped } from './grouped.js'
import { holdUsers, type HeldLog } from './held-logs.js'
import { LogChanges } from './log-changes.js'
import { ROW_COLUMNS, type InboxRow } from './rows.js'

/** Loads the beginnings of logs: so many rows of each user, by number. */
export async function loadOldest(
  transaction: Transaction,
  changes: LogChanges,
  wanted: ReadonlyMap<number, number>,
): Promise<void> {
  const users = [...wanted].filter(([, count]) => count > 0)
  if (users.length === 0) return
  const found = await transaction.query<InboxRow>(
    `SELECT oldest.* FROM unnest($1::bigint[], $2::bigint[]) AS wanted (id, count)
     CROSS JOIN LATERAL (
       SELECT ${ROW_COLUMNS} FROM inbox WHERE inbox.user_id = wanted.id ORDER BY inbox.seq LIMIT wanted.count
     ) AS oldest ORDER BY "userId", seq`,
    [users.map(([id]) => id), users.map(([, count]) => count)],
  )
  const rows = grouped(
    found.map((row) => changes.known(row)),
    ({ userId }) => userId,
  )
  for (const [id] of users) changes.begin(id, rows.get(id) ?? [])
}

/**
 * Removes what is too much from the beginning of a log, or last changed before a time; at most `limit` rows, which were loaded
 * before. Whatever stands before what is removed goes with it, so that one horizon says what may be missing.
 */
function trim(
  changes: LogChanges,
  log: HeldLog,
  bounds: LogBounds,
  { at, agedBefore, limit }: { at: number; agedBefore: number; limit: number },
): number {
  let removed = 0
  while (removed < limit) {
    const row = changes.first(log.id)
    if (!row || (row.movedAt >= agedBefore && !isOverfull(log, bounds))) break
    if (row.removed === null) uncount(log, row)
    else log.tombstones -= 1
    changes.vanish(row, endOf(row, 'removed', at))
    log.horizon = row.seq
    removed += 1
  }
  return removed
}

/** Brings a log that one more row has come to back towards its bounds. */
export function keepWithin(changes: LogChanges, log: HeldLog, bounds: LogBounds, at: number): void {
  if (isOverfull(log, bounds))
    trim(changes, log, bounds, { at, agedBefore: 0, limit: TRIMMED_PER_ROW })
}

/** Takes an entry that is alive out of the counts of its log. */
export function uncount(log: HeldLog, row: InboxRow): void {
  log.entries -= 1
  log.unread -= Number(isUnread(row))
  log.unseen -= Number(isUnseen(row))
}

/** Removes what is too old or too much from the beginning of one user's log. */
export async function trimUser(
  transaction: Transaction,
  { user, agedBefore, limit }: TrimCommand,
  { bounds }: { bounds: LogBounds },
): Promise<Trimmed> {
  const held = await holdUsers(transaction, [user], { make: false })
  const log = held.get(user)
  if (!log) return { removed: 0, latest: 0, more: false }
  const changes = new LogChanges()
  await loadOldest(transaction, changes, new Map([[log.id, limit]]))
  // The sweep, which comes more often, has taken what expired since.
  const removed = trim(changes, log, bounds, { at: agedBefore, agedBefore, limit })
  await changes.save(transaction, held)
  return { removed, latest: log.latest, more: removed === limit }
}

/** Users whose log holds what retention takes, among the next so many after a place. */
export async function overfull(
  queries: Reads,
  { after, limit, agedBefore }: OverfullQuery,
  { bounds }: { bounds: LogBounds },
): Promise<Overfull> {
  const rows = await queries.query<
    Pick<HeldLog, 'id' | 'name' | 'entries' | 'tombstones'> & { oldestAt: number | null }
  >(
    `SELECT id, name, entries, tombstones,
       (SELECT moved_at FROM inbox WHERE inbox.user_id = users.id ORDER BY seq LIMIT 1) AS "oldestAt"
     FROM users WHERE id > $1 ORDER BY id LIMIT $2`,
    [after, limit],
  )
  const isAged = (oldestAt: number | null): boolean => oldestAt !== null && oldestAt < agedBefore
  return {
    users: rows
      .filter((row) => isAged(row.oldestAt) || isOverfull(row, bounds))
      .map(({ name }) => name),
    next: rows.length === limit ? rows.at(-1)?.id : undefined,
  }
}
