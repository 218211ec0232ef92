import type { Arrived, Removal } from './stores/lifetimes.js'
import type { LogMove } from './wake.js'

/** What wakes the users whom a notification has reached; `acceptedAt` as in the wake. */
export function arrivalMoves({ contentJson, arrivals }: Arrived, acceptedAt?: number): LogMove[] {
  return arrivals.map(({ user, seq, unread, unseen }) => ({
    user,
    seq,
    change: { kind: 'arrived', contentJson, acceptedAt, unread, unseen },
  }))
}

/** What wakes the users out of whose inbox something was taken. */
export function removalMoves(removals: readonly Removal[]): LogMove[] {
  return removals.map(({ user, seq, ...removal }) => ({
    user,
    seq,
    change: { kind: 'removed', ...removal },
  }))
}
