import type { EntryState } from '../protocol/notification.js'

/** In the inbox, not read, not archived. */
export function isUnread({
  readAt,
  archivedAt,
}: Pick<EntryState, 'readAt' | 'archivedAt'>): boolean {
  return readAt === null && archivedAt === null
}

/** In the inbox, not seen, not archived. */
export function isUnseen({
  seenAt,
  archivedAt,
}: Pick<EntryState, 'seenAt' | 'archivedAt'>): boolean {
  return seenAt === null && archivedAt === null
}
