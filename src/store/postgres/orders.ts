import { ADVISORY_LOCKS } from './advisory-locks.js'
import type { GivenOrder, OrdersPage, TakenOrder } from '../../inbox/stores/cluster.js'
import type { Queries, Transaction } from './database.js'

export async function giveOrders(
  transaction: Transaction,
  orders: readonly GivenOrder[],
): Promise<void> {
  await Promise.all([
    transaction.run('SELECT pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.ordering]),
    transaction.run(
      `INSERT INTO orders (node, content)
       SELECT node, content FROM unnest($1::text[], $2::text[]) WITH ORDINALITY
         AS given (node, content, place) ORDER BY place`,
      [orders.map(({ node }) => node), orders.map(({ content }) => content)],
    ),
  ])
}

export async function lastOrder(queries: Pick<Queries, 'query'>): Promise<number> {
  const [row] = await queries.query<{ last: number }>(
    'SELECT coalesce(max(id), 0) AS last FROM orders',
  )
  return row?.last ?? 0
}

export async function ordersAfter(
  queries: Pick<Queries, 'query'>,
  { after, node, limit }: { after: number; node: string; limit: number },
): Promise<OrdersPage> {
  // There is a row for the time, where there is no order too.
  const rows = await queries.query<{
    at: number
    id: number | null
    node: string
    content: string
    ageMs: number
  }>(
    `SELECT floor(extract(epoch FROM told.at) * 1000)::bigint AS at, id, node, content,
       ceil(extract(epoch FROM told.at - given_at) * 1000)::bigint AS "ageMs"
     FROM (SELECT clock_timestamp() AS at OFFSET 0) AS told
     LEFT JOIN (SELECT * FROM orders WHERE id > $1 ORDER BY id LIMIT $2) AS page ON true
     ORDER BY id`,
    [after, limit],
  )
  const found = rows.filter(({ id }) => id !== null)
  return {
    orders: found
      .filter((order) => order.node !== node)
      .map(({ content, ageMs }): TakenOrder => ({ content, ageMs: Math.max(0, ageMs) })),
    last: found.at(-1)?.id ?? after,
    more: found.length === limit,
    at: rows[0]?.at ?? 0,
  }
}

/** Looks at the oldest alone: where these are young, all are. */
export async function forgetOrders(
  queries: Queries,
  { olderThanMs, limit }: { olderThanMs: number; limit: number },
): Promise<{ more: boolean }> {
  const removed = await queries.run(
    `DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY id LIMIT $2)
       AND given_at < clock_timestamp() - $1::double precision * interval '1 millisecond'`,
    [olderThanMs, limit],
  )
  return { more: removed === limit }
}
