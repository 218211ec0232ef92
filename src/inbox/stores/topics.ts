import type { Arrived, Removal } from './lifetimes.js'

/** Who is subscribed to what, and the work that reaches many. */
export interface TopicStore {
  /** The next chunk of the fan-out whose turn it is: `limit` users at most. Undefined where there is none. */
  stepFanOut(command: { at: number; limit: number }): Promise<FanOutStep | undefined>
}

/** What one chunk has done. */
export type FanOutStep =
  ({ kind: 'delivered' } & Arrived) | { kind: 'recalled'; removals: readonly Removal[] }
