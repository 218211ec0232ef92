import { ADVISORY_LOCKS } from './advisory-locks.js'
import type {
  Revocation,
  RevocationsPage,
  RevocationsQuery,
} from '../../inbox/stores/revocations.js'
import type { Queries, Reads, Transaction } from './database.js'

/** Keeps a revocation, at a place after all others. */
export async function revoke(
  transaction: Transaction,
  { kind, name, time }: Revocation,
): Promise<void> {
  await transaction.run('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.revoking])
  const [former] = await transaction.query<{ time: number }>(
    'DELETE FROM revocations WHERE kind = $1 AND name = $2 RETURNING time',
    [kind, name],
  )
  await transaction.run('INSERT INTO revocations (kind, name, time) VALUES ($1, $2, $3)', [
    kind,
    name,
    Math.max(former?.time ?? 0, time),
  ])
}

/** Revocations after a place, in the order in which they came. */
export async function revocations(
  queries: Reads,
  { after = 0, limit }: RevocationsQuery,
): Promise<RevocationsPage> {
  const rows = await queries.query<Revocation & { id: number }>(
    'SELECT id, kind, name, time FROM revocations WHERE id > $1 ORDER BY id LIMIT $2',
    [after, limit],
  )
  return {
    items: rows.map(({ kind, name, time }) => ({ kind, name, time })),
    next: rows.length === limit ? rows.at(-1)?.id : undefined,
  }
}

/** Forgets tokens that have expired: nobody believes them any more. */
export async function forgetRevocations(
  queries: Queries,
  { before, limit }: { before: number; limit: number },
): Promise<{ more: boolean }> {
  const removed = await queries.run(
    `DELETE FROM revocations WHERE id = ANY(ARRAY(
       SELECT id FROM revocations WHERE kind = 'token' AND time < $1 ORDER BY time LIMIT $2))`,
    [before, limit],
  )
  return { more: removed === limit }
}
