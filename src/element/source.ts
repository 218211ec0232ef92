import type { Inbox } from '../client/inbox.js'

/** Of an `Inbox` as much as the element uses; it never closes one. */
export type InboxSource = Pick<
  Inbox,
  | 'on'
  | 'status'
  | 'counts'
  | 'items'
  | 'hasMore'
  | 'loadMore'
  | 'markRead'
  | 'markSeen'
  | 'markUnread'
  | 'archive'
>
