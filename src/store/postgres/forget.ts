import type { ForgetCommand, Forgettable, ForgettableQuery } from '../../inbox/stores/lifetimes.js'
import type { Reads, Transaction } from './database.js'

/** Whether nobody has it any more, and nothing is still to be done with it. */
const IS_FREE = `NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.notification = notifications.id)
  AND NOT EXISTS (SELECT 1 FROM fan_outs WHERE fan_outs.notification = notifications.id)`

/** Notifications that nobody has any more, among the next so many after a place, in the order of acceptance. */
export async function forgettable(
  queries: Reads,
  { after, limit, acceptedBefore }: ForgettableQuery,
): Promise<Forgettable> {
  const { acceptedAt, id } = after ?? { acceptedAt: 0, id: 0 }
  const rows = await queries.query<{ acceptedAt: number; id: number; isFree: boolean }>(
    `SELECT accepted_at AS "acceptedAt", id, ${IS_FREE} AS "isFree" FROM (
       SELECT accepted_at, id FROM notifications
       WHERE (accepted_at, id) > ($1, $2) AND accepted_at < $3
       ORDER BY accepted_at, id LIMIT $4
     ) AS notifications ORDER BY accepted_at, id`,
    [acceptedAt, id, acceptedBefore, limit],
  )
  const last = rows.length === limit ? rows.at(-1) : undefined
  return {
    notifications: rows.filter(({ isFree }) => isFree).map((row) => row.id),
    next: last && { acceptedAt: last.acceptedAt, id: last.id },
  }
}

/** Forgets such notifications, and what became of them. */
export async function forget(
  transaction: Transaction,
  { notifications, acceptedBefore, limit }: ForgetCommand,
): Promise<{ more: boolean }> {
  // It may have been a read of some time ago that named them.
  const found = await transaction.query<{ id: number }>(
    `SELECT id FROM notifications WHERE id = ANY($1) AND accepted_at < $2 AND ${IS_FREE}
     ORDER BY id FOR UPDATE`,
    [notifications, acceptedBefore],
  )
  const ids = found.map(({ id }) => id)
  let room = limit
  for (const remove of REMOVALS) {
    if (room > 0) room -= await transaction.run(remove, [ids, room])
  }
  return { more: room <= 0 }
}

/** Each notification is looked up alone, and its rows go by their places, whatever the planner believes of their number. */
const REMOVALS = [
  `DELETE FROM outcomes WHERE ctid = ANY(ARRAY(
     SELECT place FROM unnest($1::bigint[]) AS gone (id) CROSS JOIN LATERAL (
       SELECT ctid AS place FROM outcomes WHERE notification = gone.id OFFSET 0) AS found LIMIT $2))`,
  `DELETE FROM deliveries WHERE ctid = ANY(ARRAY(
     SELECT place FROM unnest($1::bigint[]) AS gone (id) CROSS JOIN LATERAL (
       SELECT ctid AS place FROM deliveries WHERE notification = gone.id OFFSET 0) AS found LIMIT $2))`,
  `DELETE FROM notifications WHERE id = ANY(ARRAY(SELECT unnest($1::bigint[]) LIMIT $2))`,
]
