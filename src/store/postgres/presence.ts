import type { OtherLives, PresenceTold, PresentConnection } from '../../inbox/stores/cluster.js'
import type { Queries, Transaction } from './database.js'
import { endLapsed, renewLife } from './nodes.js'

const COLUMNS = `connection, user_name AS "user", device, connected_at AS "connectedAt",
  heard_at AS "heardAt"`

/** Lives that go on, but one; the only ones whose connections count. */
const OTHERS = `SELECT life FROM nodes
  WHERE NOT is_over AND alive_until > clock_timestamp() AND life <> $1`

/** Over in one round trip: while the life's row is locked it can't end, so none of it is left behind. */
export async function tellPresence(transaction: Transaction, told: PresenceTold): Promise<boolean> {
  const { life, present, gone } = told
  const [isRenewed] = await Promise.all([
    renewLife(transaction, told),
    gone.length > 0 && forget(transaction, gone),
    present.length > 0 && upsert(transaction, life, present),
  ])
  return isRenewed
}

async function forget(transaction: Transaction, gone: readonly string[]): Promise<void> {
  await transaction.run('DELETE FROM presence WHERE connection = ANY($1)', [gone])
}

async function upsert(
  transaction: Transaction,
  life: string,
  present: readonly PresentConnection[],
): Promise<void> {
  await transaction.run(
    `INSERT INTO presence (connection, life, user_name, device, connected_at, heard_at)
     SELECT connection, $1, user_name, device, connected_at, heard_at
     FROM unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
       AS told (connection, user_name, device, connected_at, heard_at)
     WHERE EXISTS (SELECT FROM nodes WHERE life = $1 AND NOT is_over)
     ON CONFLICT (connection) DO UPDATE SET life = excluded.life, heard_at = excluded.heard_at`,
    [
      life,
      present.map(({ connection }) => connection),
      present.map(({ user }) => user),
      present.map(({ device }) => device),
      present.map(({ connectedAt }) => connectedAt),
      present.map(({ heardAt }) => heardAt),
    ],
  )
}

/**
 * One life at a time, and its own row at last; what another node is taking away is left to it. A connection that is told in its
 * node's next life at this very moment stays.
 */
export async function sweepPresence(
  transaction: Transaction,
  { limit }: { limit: number },
): Promise<{ more: boolean }> {
  await endLapsed(transaction)
  const [over] = await transaction.query<{ life: string }>(
    'SELECT life FROM nodes WHERE is_over LIMIT 1 FOR UPDATE SKIP LOCKED',
  )
  if (!over) return { more: false }
  const removed = await transaction.run(
    `DELETE FROM presence WHERE connection IN
       (SELECT connection FROM presence WHERE life = $1 LIMIT $2) AND life = $1`,
    [over.life, limit],
  )
  if (removed < limit) await transaction.run('DELETE FROM nodes WHERE life = $1', [over.life])
  return { more: true }
}

export async function presentUsers(
  queries: Pick<Queries, 'query'>,
  { except }: OtherLives,
): Promise<string[]> {
  const rows = await queries.query<{ user: string }>(
    `SELECT DISTINCT user_name AS "user" FROM presence WHERE life IN (${OTHERS})`,
    [except],
  )
  return rows.map(({ user }) => user)
}

export async function presentUserOf(
  queries: Pick<Queries, 'query'>,
  { except, connection }: OtherLives & { connection: string },
): Promise<string | undefined> {
  const [row] = await queries.query<{ user: string }>(
    `SELECT user_name AS "user" FROM presence WHERE connection = $2 AND life IN (${OTHERS})`,
    [except, connection],
  )
  return row?.user
}

export function presentConnections(
  queries: Pick<Queries, 'query'>,
  { except, user }: OtherLives & { user: string },
): Promise<PresentConnection[]> {
  return queries.query<PresentConnection>(
    `SELECT ${COLUMNS} FROM presence WHERE user_name = $2 AND life IN (${OTHERS})
     ORDER BY connected_at, connection`,
    [except, user],
  )
}

/** How many there are is what the nodes have told with their leases: to count very many would take its time. */
export async function newestPresent(
  snapshot: Queries,
  { except, limit }: OtherLives & { limit: number },
): Promise<{ connections: PresentConnection[]; total: number }> {
  const [connections, [counted]] = await Promise.all([
    snapshot.query<PresentConnection>(
      `SELECT ${COLUMNS} FROM presence WHERE life IN (${OTHERS})
       ORDER BY connected_at DESC, connection DESC LIMIT $2`,
      [except, limit],
    ),
    snapshot.query<{ total: number }>(
      `SELECT coalesce(sum(connections), 0)::bigint AS total FROM nodes WHERE life IN (${OTHERS})`,
      [except],
    ),
  ])
  return { connections, total: counted?.total ?? 0 }
}
