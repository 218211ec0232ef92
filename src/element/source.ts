import type { Inbox } from '../client/inbox.js'

/** Of an `Inbox` as much as the element uses; it never closes one. */
export type InboxSource = Pick<
  Inbox,
  'on' | 'status' | 'counts' | 'items' | 'markRead' | 'markSeen' | 'markUnread' | 'archive'
> & {
  /** Whether the inbox has older entries than `items()` holds. */
  readonly hasMore: boolean
  loadMore(): Promise<void>
}
