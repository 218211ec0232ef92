import type { SendTarget } from '../inbox/store.js'

/** A notification that waits for its time. */
export interface ScheduledRow {
  id: number
  uuid: string
  issuer: string
  subject: string
  content: string
  createdAt: number
  expiresAt: number | null
  collapseKey: string | null
  target: SendTarget['kind']
  topic: string | null
}

/** Whom a scheduled notification means; `users` are those that it names. */
export function targetOf({ target, topic }: ScheduledRow, users: readonly string[]): SendTarget {
  switch (target) {
    case 'users':
      return { kind: 'users', users, single: false }
    case 'topic':
      return { kind: 'topic', topic: topic ?? '' }
    case 'everyone':
      return { kind: 'everyone' }
  }
}

/** What is being brought to many, or taken back from them, and how far that is. */
export interface FanOutRow {
  notification: number
  work: 'deliver' | 'recall'
  /** null where everyone is meant. */
  topic: string | null
  place: number
  last: number
  content: string
  expiresAt: number | null
  collapseKey: string | null
}
