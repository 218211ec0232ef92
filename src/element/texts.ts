import type { ClosedWhy } from '../client/status.js'

/** What a person can ask for in the element. */
export type Action = 'read' | 'unread' | 'archive' | 'readAll' | 'more'

/** All the words of the element. Give others by its property `texts`: all of them or some, the rest stays English. */
export interface Texts {
  /** The panel's heading, and the bell's name together with the count. The attribute `label` goes before it. */
  label: string
  /** How many are unread, after the label. */
  unreadCount: (count: number) => string
  /** How many have not been seen, where the badge counts those. */
  unseenCount: (count: number) => string
  /** At the end of the bell's name: there is no connection. */
  bellOffline: string
  /** The same, where there will be none any more. */
  bellClosed: string
  close: string
  markAllRead: string
  markRead: string
  markUnread: string
  archive: string
  loadMore: string
  loading: string
  /** Before the title of one that is unread: heard, not seen. */
  unread: string
  /** Priorities that are told. */
  high: string
  urgent: string
  emptyTitle: string
  emptyBody: string
  /** In the place of the list before there was any connection. */
  notLoaded: string
  /** The element was given no inbox. */
  noInbox: string
  connecting: string
  reconnecting: string
  catchingUp: string
  /** There is no way to the service; the next attempt comes in this many seconds. */
  offline: (seconds: number) => string
  /** The service is there, and takes nobody now: it restarts, or has too much to do. */
  unavailable: (seconds: number) => string
  /** The page had no token to give, or the service refused it. */
  signInFailed: (seconds: number) => string
  /** Heard, once, when the connection is lost while the panel is open. */
  connectionLost: string
  /** Heard when it is back. */
  connected: string
  closed: (why: ClosedWhy) => string
  /** The inbox could not be listed. */
  listFailed: string
  /** An action failed with this error code. */
  failed: (action: Action, code: string | undefined) => string
  dismiss: string
  /** The name of the place where toasts are shown. */
  toasts: string
  /** Heard when one came; with the word for its priority, where that is told. */
  arrived: (title: string, priority?: string) => string
  /** Heard when several came. */
  arrivedMany: (count: number) => string
}

const FAILED: Record<Action, string> = {
  read: 'It could not be marked as read.',
  unread: 'It could not be marked as unread.',
  archive: 'It could not be archived.',
  readAll: 'They could not be marked as read.',
  more: 'No more could be loaded.',
}

const BECAUSE: ReadonlyMap<string, string> = new Map([
  ['deadline_exceeded', 'No answer came in time.'],
  ['closed', 'The connection has ended.'],
  ['rate_limited', 'That was too much at once: try again in a moment.'],
])

const CLOSED: ReadonlyMap<number, string> = new Map([
  [4403, 'Signed out: access was withdrawn.'],
  [4409, 'Disconnected: too many windows or devices are connected.'],
  [4410, 'Signed out: this device was removed.'],
])

function tryingAgain(seconds: number): string {
  return seconds > 0 ? `Trying again in ${seconds} s.` : 'Trying again now.'
}

export const ENGLISH: Texts = {
  label: 'Notifications',
  unreadCount: (count) => `${count === 0 ? 'none' : count} unread`,
  unseenCount: (count) => `${count === 0 ? 'nothing' : count} new`,
  bellOffline: 'offline',
  bellClosed: 'disconnected',
  close: 'Close',
  markAllRead: 'Mark all as read',
  markRead: 'Mark as read',
  markUnread: 'Mark as unread',
  archive: 'Archive',
  loadMore: 'Load more',
  loading: 'Loading…',
  unread: 'Unread:',
  high: 'Important',
  urgent: 'Urgent',
  emptyTitle: 'You’re all caught up',
  emptyBody: 'New notifications will show up here.',
  notLoaded: 'Your notifications will show up here once there is a connection.',
  noInbox: 'Not connected.',
  connecting: 'Connecting…',
  reconnecting: 'Reconnecting…',
  catchingUp: 'Catching up…',
  offline: (seconds) => `Offline. ${tryingAgain(seconds)}`,
  unavailable: (seconds) => `The service can’t be used now. ${tryingAgain(seconds)}`,
  signInFailed: (seconds) => `Signing in has failed. ${tryingAgain(seconds)}`,
  connectionLost: 'The connection is lost.',
  connected: 'Connected.',
  closed: ({ by, code, reason }) =>
    by === 'application'
      ? 'Signed out.'
      : (CLOSED.get(code) ?? `Disconnected by the service${reason ? `: ${reason}` : ''}.`),
  listFailed: 'Your notifications could not be loaded. Trying again.',
  failed: (action, code) =>
    [FAILED[action], BECAUSE.get(code ?? '') ?? ''].filter((part) => part !== '').join(' '),
  dismiss: 'Dismiss',
  toasts: 'New notifications',
  arrived: (title, priority) => `New notification${priority ? `, ${priority}` : ''}: ${title}`,
  arrivedMany: (count) => `${count} new notifications`,
}
