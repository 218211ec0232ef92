import type { NotificationQuery } from '../../inbox/stores/deliveries.js'
import type { NotificationOverview } from '../../protocol/send.js'
import { overviewOf, type OverviewRow } from '../overview.js'
import type { Reads } from './database.js'
import { isUuid } from './uuid.js'

/** Known by its id: accepted after $2, still on its way, or in an inbox. */
export const KNOWN = `(accepted_at > $2 OR status = 'fanning_out' OR EXISTS (
  SELECT 1 FROM inbox WHERE inbox.notification = notifications.id AND inbox.removed IS NULL))`

/** A notification and what became of it as a whole; by one statement, since its firing moves it from one table to the other. */
export async function notification(
  queries: Reads,
  { id, at, keptAfter }: NotificationQuery,
): Promise<NotificationOverview | undefined> {
  if (!isUuid(id)) return undefined
  const [row] = await queries.query<OverviewRow>(
    `SELECT content, status, expires_at AS "expiresAt", total, stored FROM notifications
     WHERE uuid = $1 AND ${KNOWN}
     UNION ALL
     SELECT content, 'scheduled', expires_at,
       (SELECT count(*) FROM scheduled_users WHERE scheduled_users.scheduled = scheduled.id), 0
     FROM scheduled WHERE uuid = $1`,
    [id, keptAfter],
  )
  return row && overviewOf(row, at)
}
