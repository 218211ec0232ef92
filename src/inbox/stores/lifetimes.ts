import type { RemovalReason } from '../../protocol/down/removed.js'
import type { RecallReceipt } from '../../protocol/send.js'
import type { Arrival, ServiceName } from '../store.js'

/** What ends, and what begins by time alone. The steps are small, so that other writes come between them. */
export interface LifetimeStore {
  /** Takes a notification back, as the service that sent it: out of each inbox, or off the schedule. */
  recall(command: RecallCommand): Promise<RecallOutcome>
  /** What there is to do at a time; asked often. */
  due(at: number): Promise<Due>
  /** Makes tombstones of entries that have expired, those first that did first; at most `limit`. */
  expire(command: { at: number; limit: number }): Promise<Removal[]>
  /** Makes notifications of what was scheduled and is due, in the order of their times; at most `limit`, and at least one. */
  fire(command: { at: number; limit: number }): Promise<Arrived[]>
  /** Users whose log holds what retention takes, among the next `limit` users after a place. */
  overfull(query: OverfullQuery): Promise<Overfull>
  /** Removes what is too old or too much from the beginning of a user's log; at most `limit` rows. */
  trim(command: TrimCommand): Promise<Trimmed>
  /** Notifications that nobody has and that were accepted before a time, among the next `limit` after a place. */
  forgettable(query: ForgettableQuery): Promise<Forgettable>
  /** Forgets such notifications and what became of them; at most `limit` rows. */
  forget(command: ForgetCommand): Promise<{ more: boolean }>
}

export interface RecallCommand {
  id: string
  sender: ServiceName
  at: number
  /** Of more inboxes it is taken out chunk by chunk, by the steps of fan-outs. */
  limit: number
}

export type RecallOutcome =
  /** `pending` where it is still being taken out of inboxes. */
  | { kind: 'recalled'; receipt: RecallReceipt; removals: readonly Removal[]; pending: boolean }
  /** There is no such notification of this service. */
  | { kind: 'unknown' }

/** An entry that was taken out of an inbox, with the user's counts as of then. */
export interface Removal {
  user: string
  seq: number
  id: string
  collapseKey: string | null
  reason: RemovalReason
  unread: number
  unseen: number
}

/** Which steps have something to do. */
export interface Due {
  expired: boolean
  scheduled: boolean
  fanOuts: boolean
  erasures: boolean
}

/** A notification and whom it has just reached. */
export interface Arrived {
  contentJson: string
  arrivals: readonly Arrival[]
}

export interface OverfullQuery {
  after: number
  limit: number
  /** What last changed before is too old. */
  agedBefore: number
}

export interface Overfull {
  users: string[]
  /** `after` of the next look, where there are more users. */
  next: number | undefined
}

export interface TrimCommand {
  user: string
  agedBefore: number
  limit: number
}

export interface Trimmed {
  /** Rows that are gone: where there were any, the counts may have changed. */
  removed: number
  latest: number
  /** Whether there may be more to remove. */
  more: boolean
}

/** A place in the order of acceptance. */
interface AcceptancePlace {
  acceptedAt: number
  id: number
}

export interface ForgettableQuery {
  /** From the beginning where undefined. */
  after: AcceptancePlace | undefined
  limit: number
  acceptedBefore: number
}

export interface Forgettable {
  /** By the store's own numbers. */
  notifications: number[]
  next: AcceptancePlace | undefined
}

export interface ForgetCommand {
  notifications: readonly number[]
  acceptedBefore: number
  limit: number
}
