import type { RemovalReason } from '../../protocol/down/removed.js'

/** A row of the inbox, as those see it who end it. */
export interface InboxRow {
  userId: number
  seq: number
  notification: number
  seenAt: number | null
  readAt: number | null
  archivedAt: number | null
  expiresAt: number | null
  collapseKey: string | null
  movedAt: number
  /** Set in a tombstone. */
  removed: RemovalReason | null
}

export const ROW_COLUMNS = `inbox.user_id AS "userId", inbox.seq, inbox.notification,
  inbox.seen_at AS "seenAt", inbox.read_at AS "readAt", inbox.archived_at AS "archivedAt",
  inbox.expires_at AS "expiresAt", inbox.collapse_key AS "collapseKey", inbox.moved_at AS "movedAt",
  inbox.removed`
