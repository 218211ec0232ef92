import type { DeliveriesPage, DeliveriesQuery } from '../../inbox/stores/deliveries.js'
import { deliveriesPage, placeOf, rowsOfPage, type DeliveryRow } from '../deliveries-page.js'
import type { Reads } from './database.js'
import { KNOWN } from './notifications.js'
import { isUuid } from './uuid.js'

/** Without a delivery where the notification is known, and nobody is behind the place. */
type Row = DeliveryRow | Record<keyof DeliveryRow, null>

/** Not of a user who was erased and whose rows are still being taken away. */
const isKnown = (table: 'inbox' | 'outcomes'): string =>
  `NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user_id = ${table}.user_id)`

/**
 * A cursor alone can't tell: an entry may have moved since. Without a delivery, a cursor that stands past the entry got there by
 * `cursor=latest`. Each half is cut by itself, so that neither is read to its end for one page; and each user is looked up alone, whatever
 * the planner believes of their number.
 */
const DELIVERIES = `WITH found AS MATERIALIZED (
    SELECT id FROM notifications WHERE uuid = $1 AND ${KNOWN}),
  reached AS MATERIALIZED (
    (SELECT inbox.user_id, seq, seen_at, read_at,
       CASE WHEN removed IS NOT NULL THEN removed
            WHEN expires_at <= $3 THEN 'expired' END AS outcome
     FROM inbox WHERE notification = (SELECT id FROM found) AND user_id >= $4 AND ${isKnown('inbox')}
     ORDER BY user_id LIMIT $6)
    UNION ALL
    (SELECT outcomes.user_id, NULL, seen_at, read_at, outcome
     FROM outcomes WHERE notification = (SELECT id FROM found) AND user_id >= $4
       AND ${isKnown('outcomes')}
     ORDER BY user_id LIMIT $6))
  SELECT page.* FROM found LEFT JOIN LATERAL (
    SELECT users.id AS "userId", coalesce(devices.id, 0) AS "deviceId",
      users.name AS "user", devices.name AS device,
      CASE WHEN deliveries.delivered_at IS NOT NULL THEN 'delivered'
           WHEN reached.outcome IS NOT NULL THEN reached.outcome
           WHEN devices.cursor >= reached.seq THEN 'skipped'
           ELSE 'pending' END AS status,
      deliveries.delivered_at AS "deliveredAt", reached.seen_at AS "seenAt",
      reached.read_at AS "readAt"
    FROM reached
    JOIN LATERAL (SELECT id, name FROM users WHERE id = reached.user_id OFFSET 0) AS users ON TRUE
    LEFT JOIN LATERAL (
      SELECT id, name, cursor FROM devices WHERE user_id = reached.user_id OFFSET 0) AS devices ON TRUE
    LEFT JOIN deliveries ON deliveries.notification = found.id AND deliveries.device = devices.id
    WHERE NOT (reached.user_id = $4 AND coalesce(devices.id, 0) <= $5)
    ORDER BY reached.user_id, coalesce(devices.id, 0) LIMIT $6
  ) AS page ON TRUE`

/** What became of a notification on each device of its users. */
export async function deliveries(
  queries: Reads,
  { id, at, keptAfter, after, limit }: DeliveriesQuery,
): Promise<DeliveriesPage | undefined> {
  if (!isUuid(id)) return undefined
  const { user, device } = placeOf(after)
  const asked = [id, keptAfter, at, user, device, rowsOfPage(limit)]
  const known = await queries.query<Row>(DELIVERIES, asked)
  if (known.length === 0) {
    const waiting = await queries.query<{ id: number }>(
      'SELECT id FROM scheduled WHERE uuid = $1',
      [id],
    )
    return waiting.length === 0 ? undefined : { items: [], next: undefined }
  }
  const found = known.flatMap((row) => (row.userId === null ? [] : [row]))
  return deliveriesPage(found, limit)
}
