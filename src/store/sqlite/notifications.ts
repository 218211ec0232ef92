import type { NotificationOverview } from '../../protocol/send.js'
import type { NotificationQuery } from '../../inbox/stores/deliveries.js'
import { overviewOf, type OverviewRow } from '../overview.js'
import type { Connection } from './database.js'

/** Known by its id: accepted not too long ago, still on its way, or in an inbox. */
export const KNOWN = `(accepted_at > :keptAfter OR status = 'fanning_out' OR EXISTS (
  SELECT 1 FROM inbox WHERE inbox.notification = notifications.id AND inbox.removed IS NULL))`

/** A notification and what became of it as a whole. */
export function prepareNotification(
  connection: Connection,
): (query: NotificationQuery) => NotificationOverview | undefined {
  const select = connection.prepare<{ id: string; keptAfter: number }, OverviewRow>(
    `SELECT content, status, expires_at AS expiresAt, total, stored FROM notifications
     WHERE uuid = :id AND ${KNOWN}`,
  )
  const selectScheduled = connection.prepare<[string], OverviewRow>(
    `SELECT content, 'scheduled' AS status, expires_at AS expiresAt,
       (SELECT count(*) FROM scheduled_users WHERE scheduled_users.scheduled = scheduled.id) AS total,
       0 AS stored
     FROM scheduled WHERE uuid = ?`,
  )
  return ({ id, at, keptAfter }) => {
    const row = select.get({ id, keptAfter }) ?? selectScheduled.get(id)
    return row && overviewOf(row, at)
  }
}
