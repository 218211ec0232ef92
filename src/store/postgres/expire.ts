import { ADVISORY_LOCKS } from './advisory-locks.js'
import type { Due, Removal } from '../../inbox/stores/lifetimes.js'
import type { LogBounds } from '../log-bounds.js'
import type { Reads, Transaction } from './database.js'
import { removeAll, type EntryName } from './remove.js'

/** Makes tombstones of entries that have expired. */
export async function expire(
  transaction: Transaction,
  { at, limit }: { at: number; limit: number },
  { bounds }: { bounds: LogBounds },
): Promise<Removal[]> {
  const [[lock], found] = await Promise.all([
    transaction.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [
      ADVISORY_LOCKS.sweeping,
    ]),
    transaction.query<EntryName>(
      `SELECT notification, user_id AS "userId" FROM inbox
       WHERE expires_at IS NOT NULL AND removed IS NULL AND expires_at <= $1
       ORDER BY expires_at, user_id, seq LIMIT $2`,
      [at, limit],
    ),
  ])
  return lock?.taken ? removeAll(transaction, found, 'expired', { at, bounds }) : []
}

/** Which steps have something to do for this node. */
export async function due(queries: Reads, at: number, { node }: { node: string }): Promise<Due> {
  const [found] = await queries.query<Due>(
    // The first by its time: whether any is due may be looked for in any order, and mostly none is.
    `SELECT coalesce((SELECT expires_at FROM inbox WHERE expires_at IS NOT NULL AND removed IS NULL
         ORDER BY expires_at LIMIT 1) <= $1, FALSE) AS expired,
       coalesce((SELECT due_at FROM scheduled ORDER BY due_at, id LIMIT 1) <= $1, FALSE) AS scheduled,
       EXISTS (SELECT 1 FROM fan_outs WHERE leased_by IS NULL OR leased_by = $2
         OR leased_until <= clock_timestamp()) AS "fanOuts",
       EXISTS (SELECT 1 FROM erasures) AS erasures`,
    [at, node],
  )
  if (!found) throw new Error('a look returned no row')
  return found
}
