import type { PosthornError } from '../protocol/errors.js'
import type { LiveMove } from './log-reader.js'
import type { OpenSession } from './open-session.js'

/** Where a session is in its life: see `Session`. */
export type SessionState =
  /** `deadline` by the stopwatch. */
  | { phase: 'authenticating'; deadline: number }
  | OpeningState
  | { phase: 'open'; open: OpenSession }
  | { phase: 'closed' }

export interface OpeningState {
  phase: 'opening'
  user: string | undefined
  /** How far the log has moved meanwhile. */
  latest: number
  /** That the counts have changed meanwhile without it. */
  counts: LiveMove | undefined
  /** What the client has said meanwhile. */
  messages: string[]
  /** Lives of the user that have ended meanwhile. */
  ended: { epoch: string; error: PosthornError }[]
}

/** Whose session it is, as far as that is known. */
export function userOf(state: SessionState): string | undefined {
  if (state.phase === 'opening') return state.user
  return state.phase === 'open' ? state.open.user : undefined
}
