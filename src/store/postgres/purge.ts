import { ADVISORY_LOCKS } from './advisory-locks.js'
import type { Transaction } from './database.js'

/**
 * Removes what is left of a user who was erased, some rows a step. The user's own row goes in the step that finds nothing
 * else, so that no row can be forgotten that came between two steps.
 */
export async function purge(
  transaction: Transaction,
  { erasure, limit }: { erasure?: number; limit: number },
): Promise<{ more: boolean }> {
  const user = await takeErasure(transaction, erasure)
  if (user === undefined) return { more: false }
  // Who still holds the user comes to an end first.
  await transaction.run('SELECT 1 FROM users WHERE id = $1 FOR UPDATE', [user])
  let room = limit
  for (const part of PARTS) {
    room -= await part(transaction, user, room)
    if (room <= 0) return { more: true }
  }
  await Promise.all([
    transaction.run('DELETE FROM erasures WHERE user_id = $1', [user]),
    transaction.run('DELETE FROM users WHERE id = $1', [user]),
  ])
  if (erasure !== undefined) return { more: false }
  const others = await transaction.query<{ user: number }>(
    'SELECT user_id AS "user" FROM erasures LIMIT 1',
  )
  return { more: others.length > 0 }
}

/** Whoever asks for one erasure waits until it is done; else what another node does is left to it. */
async function takeErasure(
  transaction: Transaction,
  erasure: number | undefined,
): Promise<number | undefined> {
  // One at a time, in all nodes: what two who were erased have shared they would lock in different orders.
  if (erasure !== undefined) {
    await transaction.run('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.purging])
  } else {
    const [lock] = await transaction.query<{ taken: boolean }>(
      'SELECT pg_try_advisory_xact_lock($1) AS taken',
      [ADVISORY_LOCKS.purging],
    )
    if (!lock?.taken) return undefined
  }
  const [taken] =
    erasure === undefined
      ? await transaction.query<{ user: number }>(
          `SELECT user_id AS "user" FROM erasures ORDER BY user_id LIMIT 1 FOR UPDATE SKIP LOCKED`,
        )
      : await transaction.query<{ user: number }>(
          `SELECT user_id AS "user" FROM erasures WHERE user_id = $1 FOR UPDATE`,
          [erasure],
        )
  return taken?.user
}

/** Removes at most some so many rows of a user; gives how many those were. */
type Part = (transaction: Transaction, user: number, room: number) => Promise<number>

/** What the user has, or what became of what the user had; with each the content, where it was for nobody else. */
const entriesIn =
  (table: 'inbox' | 'outcomes'): Part =>
  async (transaction, user, room) => {
    const found = await transaction.query<{ notification: number }>(
      `SELECT notification FROM ${table} WHERE user_id = $1 LIMIT $2`,
      [user, room],
    )
    if (found.length === 0) return 0
    const ids = found.map(({ notification }) => notification)
    const delivered = await transaction.run(
      `DELETE FROM deliveries WHERE ctid = ANY(ARRAY(
         SELECT deliveries.ctid
         FROM devices CROSS JOIN unnest($2::bigint[]) AS had (notification)
         JOIN deliveries ON deliveries.notification = had.notification
           AND deliveries.device = devices.id
         WHERE devices.user_id = $1 LIMIT $3))`,
      [user, ids, room],
    )
    if (delivered >= room) return delivered
    // Of two who are purged at once and had the same the second must see that the first has it no more.
    await transaction.run('SELECT 1 FROM notifications WHERE id = ANY($1) ORDER BY id FOR UPDATE', [
      ids,
    ])
    const removed = await transaction.run(
      `DELETE FROM ${table} WHERE user_id = $1 AND notification = ANY($2)`,
      [user, ids],
    )
    return delivered + removed + (await forgetOrphans(transaction, ids))
  }

/** Forgets those notifications that are, and will be, nobody's; gives how many rows that were. */
async function forgetOrphans(transaction: Transaction, ids: readonly number[]): Promise<number> {
  const found = await transaction.query<{ id: number }>(
    // A fan-out that was for one alone reaches nobody any more; another may still.
    `SELECT id FROM notifications WHERE id = ANY($1)
       AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.notification = notifications.id)
       AND NOT EXISTS (SELECT 1 FROM outcomes WHERE outcomes.notification = notifications.id)
       AND (total <= 1 OR NOT EXISTS (
         SELECT 1 FROM fan_outs WHERE fan_outs.notification = notifications.id AND work = 'deliver'))`,
    [ids],
  )
  if (found.length === 0) return 0
  const orphans = [found.map(({ id }) => id)]
  const removed = await Promise.all([
    transaction.run('DELETE FROM fan_outs WHERE notification = ANY($1)', orphans),
    transaction.run('DELETE FROM deliveries WHERE notification = ANY($1)', orphans),
    transaction.run('DELETE FROM notifications WHERE id = ANY($1)', orphans),
  ])
  return removed.reduce((sum, count) => sum + count, 0)
}

/** Where a user's rows are found by the user, and nothing hangs on them. */
const simply =
  (table: 'devices' | 'subscriptions'): Part =>
  (transaction, user, room) =>
    transaction.run(
      `DELETE FROM ${table} WHERE id = ANY(ARRAY(
         SELECT id FROM ${table} WHERE user_id = $1 LIMIT $2))`,
      [user, room],
    )

const PARTS: readonly Part[] = [
  entriesIn('inbox'),
  entriesIn('outcomes'),
  simply('devices'),
  simply('subscriptions'),
]
