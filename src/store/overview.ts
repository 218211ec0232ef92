import { NotificationContent } from '../protocol/notification.js'
import type { NotificationOverview, NotificationStatus } from '../protocol/send.js'

/** A notification as a whole. */
export interface OverviewRow {
  content: string
  status: 'stored' | 'fanning_out' | 'recalled' | 'scheduled'
  /** Milliseconds since 1970; null where it doesn't end by itself. */
  expiresAt: number | null
  total: number
  stored: number
}

/** A notification and what became of it as a whole, at a time. */
export function overviewOf(row: OverviewRow, at: number): NotificationOverview {
  return {
    ...NotificationContent.parse(JSON.parse(row.content)),
    status: statusOf(row, at),
    recipients: { total: row.total, stored: row.stored },
  }
}

function statusOf({ status, expiresAt }: OverviewRow, at: number): NotificationStatus {
  return status === 'stored' && expiresAt !== null && expiresAt <= at ? 'expired' : status
}
