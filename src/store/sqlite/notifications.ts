import { NotificationContent } from '../../protocol/notification.js'
import type { Delivery } from '../../protocol/deliveries.js'
import type { NotificationOverview } from '../../protocol/send.js'
import type { DeliveriesPage, DeliveriesQuery } from '../../inbox/store.js'
import type { Connection } from './database.js'

/** A notification and what became of it as a whole. */
export function prepareNotification(
  connection: Connection,
): (id: string) => NotificationOverview | undefined {
  const select = connection.prepare<[string], { content: string; total: number; stored: number }>(
    'SELECT content, total, stored FROM notifications WHERE uuid = ?',
  )
  return (id) => {
    const row = select.get(id)
    if (!row) return undefined
    return {
      ...NotificationContent.parse(JSON.parse(row.content)),
      status: 'stored',
      recipients: { total: row.total, stored: row.stored },
    }
  }
}

interface DeliveryRow {
  userId: number
  deviceId: number
  user: string
  device: string | null
  status: Delivery['status']
  deliveredAt: number | null
  seenAt: number | null
  readAt: number | null
}

/** What became of a notification on each device of its users. */
export function prepareDeliveries(
  connection: Connection,
): (query: DeliveriesQuery) => DeliveriesPage | undefined {
  const find = connection.prepare<[string], { id: number }>(
    'SELECT id FROM notifications WHERE uuid = ?',
  )
  // A cursor alone can't tell: an entry may have moved since. Without a delivery, a cursor that stands past the entry
  // got there by `cursor=latest`.
  const select = connection.prepare<[number, number, number, number, number], DeliveryRow>(
    `SELECT users.id AS userId, ifnull(devices.id, 0) AS deviceId,
       users.name AS user, devices.name AS device,
       CASE WHEN deliveries.delivered_at IS NOT NULL THEN 'delivered'
            WHEN devices.cursor >= inbox.seq THEN 'skipped'
            ELSE 'pending' END AS status,
       deliveries.delivered_at AS deliveredAt, inbox.seen_at AS seenAt, inbox.read_at AS readAt
     FROM inbox
     JOIN users ON users.id = inbox.user
     LEFT JOIN devices ON devices.user = users.id
     LEFT JOIN deliveries
       ON deliveries.notification = inbox.notification AND deliveries.device = devices.id
     WHERE inbox.notification = ? AND inbox.user >= ?
       AND NOT (inbox.user = ? AND ifnull(devices.id, 0) <= ?)
     ORDER BY inbox.user, devices.id LIMIT ?`,
  )
  return ({ id, after, limit }) => {
    const notification = find.get(id)
    if (!notification) return undefined
    const [user = 0, device = 0] = after === undefined ? [] : after.split('.').map(Number)
    const found = select.all(notification.id, user, user, device, limit + 1)
    const rows = found.slice(0, limit)
    const last = rows.at(-1)
    return {
      items: rows.map(({ userId: _userId, deviceId: _deviceId, ...row }) => ({
        ...row,
        deliveredAt: timestamp(row.deliveredAt),
        seenAt: timestamp(row.seenAt),
        readAt: timestamp(row.readAt),
      })),
      // The rows are listed by these two numbers.
      next: found.length > limit && last ? `${last.userId}.${last.deviceId}` : undefined,
    }
  }
}

function timestamp(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
