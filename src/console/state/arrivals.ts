import type { Notification, NotificationContent } from '../../client/browser.js'
import { Observable } from './observable.js'

/** Most rows that are kept. */
const MAX_ARRIVALS = 200

/** How something came: by being sent just now, or because it was missed before. */
type Way = 'live' | 'replayed'

/** What reached the device, or became of its connection. */
export type Arrival =
  | { kind: 'notification'; way: Way; seq: number; notification: Notification; isNew: boolean }
  | { kind: 'updated'; way: Way; seq: number; id: string; title: string; state: string }
  | { kind: 'removed'; way: Way; seq: number; id: string; title: string; reason: string }
  | { kind: 'gap'; from: number; to: number; reason: string }
  | { kind: 'ephemeral'; notification: NotificationContent }
  /** A line between the rows: the connection came or went. */
  | { kind: 'connection'; text: string }

export type ArrivalRow = Arrival & {
  key: number
  /** Milliseconds since 1970. */
  at: number
}

/** What a device was handed, in the order in which it was, newest last. */
export class Arrivals extends Observable {
  #rows: ArrivalRow[] = []
  #count = 0

  get rows(): readonly ArrivalRow[] {
    return this.#rows
  }

  add(arrival: Arrival): void {
    this.#rows = [...this.#rows, { ...arrival, key: this.#count++, at: Date.now() }].slice(
      -MAX_ARRIVALS,
    )
    this.changed()
  }

  clear(): void {
    this.#rows = []
    this.changed()
  }

  /** What a notification was called when it came. */
  titleOf(id: string): string {
    for (const row of this.#rows.toReversed()) {
      if (row.kind === 'notification' && row.notification.id === id) return nameOf(row.notification)
    }
    return `a notification from before (${id.slice(-8)})`
  }
}

/** What a row calls a notification. */
export function nameOf({ title, body, type }: NotificationContent): string {
  return title ?? body ?? type
}

/** What the user has said of a notification, in one word. */
export function stateOf(state: {
  seenAt: string | null
  readAt: string | null
  archivedAt: string | null
}): string {
  if (state.archivedAt !== null) return 'archived'
  if (state.readAt !== null) return 'read'
  return state.seenAt === null ? 'unread' : 'seen'
}
