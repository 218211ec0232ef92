import type { LogHead } from '../../inbox/store.js'
import type { Reads } from './database.js'
import type { HeldLog } from './held-logs.js'

/**
 * One row, where the log stands of the user whose name is $1. It comes in any case: whoever is not known has the epoch that a row made
 * now would have, and no number.
 */
export const HEAD = `SELECT users.id AS "userId",
    meta.epoch || '.' || coalesce(users.life, meta.erasures) AS epoch,
    coalesce(users.latest, 0) AS latest, coalesce(users.horizon, 0) AS horizon,
    coalesce(users.unread, 0) AS unread, coalesce(users.unseen, 0) AS unseen
  FROM meta LEFT JOIN users ON users.name = $1`

export interface HeadRow extends LogHead {
  userId: number | null
}

/** Where the log of a user stands. */
export async function head(queries: Reads, user: string): Promise<LogHead> {
  return headOf(await queries.query<HeadRow>(HEAD, [user]))
}

/** What the first of these rows says of the log. */
export function headOf(rows: readonly HeadRow[]): LogHead {
  const [row] = rows
  if (!row) throw new Error('the database has lost its meta row')
  const { epoch, latest, horizon, unread, unseen } = row
  return { epoch, latest, horizon, unread, unseen }
}

/** Where a log stands that a transaction holds; that of one who is not known is empty. */
export function headOfHeld(log: HeldLog | undefined, epochOfNobody: string): LogHead {
  if (!log) return { epoch: epochOfNobody, latest: 0, horizon: 0, unread: 0, unseen: 0 }
  const { epoch, latest, horizon, unread, unseen } = log
  return { epoch, latest, horizon, unread, unseen }
}

/** The highest `seq` of each of these users that is known. */
export async function latest(
  queries: Reads,
  users: readonly string[],
): Promise<Map<string, number>> {
  const rows = await queries.query<{ name: string; latest: number }>(
    'SELECT name, latest FROM users WHERE name = ANY($1)',
    [users],
  )
  return new Map(rows.map((row) => [row.name, row.latest]))
}
