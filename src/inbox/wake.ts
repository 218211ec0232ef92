import type { RemovalReason } from '../protocol/down/removed.js'
import type { EntryState } from '../protocol/notification.js'

/**
 * Tells sessions that the log of a user has moved. It may lose, double, delay or reorder what it carries: the store
 * says what is true, a wake only says when to look.
 */
export interface Wake {
  publish(moves: readonly LogMove[]): void
  /**
   * Calls the listener for each move of a user who is followed, and perhaps for others, until the function that it returns is
   * called; and `missed` where moves of some users may have been lost.
   */
  subscribe(listener: (move: LogMove) => void, missed?: Missed): () => void
  /** Someone here wants to hear of this user: called once, before the store is asked where the log stands. */
  follow(user: string): void
  /** Nobody here does any more. */
  unfollow(user: string): void
}

/** Moves of the users who are meant may have been lost: the store tells where their logs stand. */
export type Missed = (isMeant: (user: string) => boolean) => void

/** The log of a user reached `seq`. */
export interface LogMove {
  user: string
  seq: number
  /** What moved, where the wake says so: some sessions then need no look at the store. */
  change: Arrived | Moved | Removed | CountsChanged | undefined
}

/** A notification came: whoever stands just before it has all that was before. */
export interface Arrived {
  kind: 'arrived'
  contentJson: string
  /** When it was accepted, or the step began that wrote it, in milliseconds since 1970; undefined where nobody tells. */
  acceptedAt?: number | undefined
  unread: number
  unseen: number
}

/** An entry was marked, and moved here from `from`. */
export interface Moved {
  kind: 'moved'
  id: string
  from: number
  state: EntryState
  unread: number
  unseen: number
}

/** An entry was taken out of the inbox. */
export interface Removed {
  kind: 'removed'
  id: string
  collapseKey: string | null
  reason: RemovalReason
  unread: number
  unseen: number
}

/** The log did not move: retention has taken from its beginning, and the counts may be others. */
interface CountsChanged {
  kind: 'counts'
}

/** The wake of a single process. */
export class InProcessWake implements Wake {
  readonly #listeners = new Set<(move: LogMove) => void>()

  publish(moves: readonly LogMove[]): void {
    for (const move of moves) for (const listener of this.#listeners) listener(move)
  }

  subscribe(listener: (move: LogMove) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Nothing is lost on the way, and nothing is saved by telling less. */
  follow(): void {}

  unfollow(): void {}
}
