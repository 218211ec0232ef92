import type { DeliveriesPage, DeliveriesQuery } from '../../inbox/stores/deliveries.js'
import { deliveriesPage, placeOf, rowsOfPage, type DeliveryRow } from '../deliveries-page.js'
import type { Connection } from './database.js'
import { KNOWN } from './notifications.js'

interface Place {
  notification: number
  user: number
  device: number
  at: number
  limit: number
}

/** Not of a user who was erased and whose rows are still being taken away. */
const isKnown = (table: 'inbox' | 'outcomes'): string =>
  `NOT EXISTS (SELECT 1 FROM erasures WHERE erasures.user = ${table}.user)`

/** What became of a notification on each device of its users. */
export function prepareDeliveries(
  connection: Connection,
): (query: DeliveriesQuery) => DeliveriesPage | undefined {
  const find = connection
    .prepare<{ id: string; keptAfter: number }, number>(
      `SELECT id FROM notifications WHERE uuid = :id AND ${KNOWN}`,
    )
    .pluck()
  const selectScheduled = connection
    .prepare<[string], number>('SELECT 1 FROM scheduled WHERE uuid = ?')
    .pluck()
  // A cursor alone can't tell: an entry may have moved since. Without a delivery, a cursor that stands past the entry
  // got there by `cursor=latest`. Each half is cut by itself, so that neither is read to its end for one page.
  const select = connection.prepare<Place, DeliveryRow>(
    `WITH reached AS (
       SELECT * FROM (
         SELECT user, seq, seen_at, read_at,
           CASE WHEN removed IS NOT NULL THEN removed
                WHEN expires_at <= :at THEN 'expired' END AS outcome
         FROM inbox WHERE notification = :notification AND user >= :user AND ${isKnown('inbox')}
         ORDER BY user LIMIT +:limit)
       UNION ALL
       SELECT * FROM (
         SELECT user, NULL AS seq, seen_at, read_at, outcome
         FROM outcomes WHERE notification = :notification AND user >= :user AND ${isKnown('outcomes')}
         ORDER BY user LIMIT +:limit)
     )
     SELECT users.id AS userId, ifnull(devices.id, 0) AS deviceId,
       users.name AS user, devices.name AS device,
       CASE WHEN deliveries.delivered_at IS NOT NULL THEN 'delivered'
            WHEN reached.outcome IS NOT NULL THEN reached.outcome
            WHEN devices.cursor >= reached.seq THEN 'skipped'
            ELSE 'pending' END AS status,
       deliveries.delivered_at AS deliveredAt, reached.seen_at AS seenAt, reached.read_at AS readAt
     FROM reached
     CROSS JOIN users ON users.id = reached.user
     LEFT JOIN devices ON devices.user = users.id
     LEFT JOIN deliveries
       ON deliveries.notification = :notification AND deliveries.device = devices.id
     WHERE NOT (reached.user = :user AND ifnull(devices.id, 0) <= :device)
     ORDER BY reached.user, devices.id LIMIT +:limit`,
  )
  return ({ id, at, keptAfter, after, limit }) => {
    const notification = find.get({ id, keptAfter })
    if (notification === undefined) {
      return selectScheduled.get(id) === undefined ? undefined : { items: [], next: undefined }
    }
    const limits = { at, limit: rowsOfPage(limit) }
    return deliveriesPage(select.all({ notification, ...placeOf(after), ...limits }), limit)
  }
}
