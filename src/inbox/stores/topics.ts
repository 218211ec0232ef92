import type { Arrived, Removal } from './lifetimes.js'

/** Who is subscribed to what, and the work that reaches many. */
export interface TopicStore {
  /** Subscribes a user, who is made where it is new; a subscription that is there stays as it is. */
  subscribe(command: Subscribe): Promise<SubscribeOutcome>
  /** Ends a subscription, whoever has made it; where there is none, nothing changes. Makes no user. */
  unsubscribe(command: Unsubscribe): Promise<UnsubscribeOutcome>
  /** Subscribes some users to a topic and ends the subscriptions of others, all at once. */
  changeSubscribers(command: ChangeSubscribers): Promise<SubscribersChanged>
  /** Who is subscribed to a topic, those first that have been so longest. */
  subscribers(query: SubscribersQuery): Promise<SubscribersPage>
  /** What a user is subscribed to, by the code points of the names. */
  topics(query: TopicsQuery): Promise<TopicsPage>
  /** The next chunk of the fan-out whose turn it is: `limit` users at most. Undefined where there is none. */
  stepFanOut(command: { at: number; limit: number }): Promise<FanOutStep | undefined>
}

export interface Subscribe {
  user: string
  topic: string
  at: number
  /** Set where the user itself asks: in which life of its log, and how many topics of its own it may have. */
  own: { epoch: string; limit: number } | undefined
}

export type SubscribeOutcome =
  | { kind: 'subscribed' }
  /** The user has as many topics of its own as it may. */
  | { kind: 'too_many' }
  /** The user who asks was erased. */
  | { kind: 'other_epoch' }

export interface Unsubscribe {
  user: string
  topic: string
  /** Set where the user itself asks. */
  epoch: string | undefined
}

export type UnsubscribeOutcome = { kind: 'unsubscribed' } | { kind: 'other_epoch' }

export interface ChangeSubscribers {
  topic: string
  /** Each once, and none that is in `remove`. */
  add: readonly string[]
  remove: readonly string[]
  at: number
}

/** How many subscriptions were made and ended: what was so before does not count. */
export interface SubscribersChanged {
  added: number
  removed: number
}

export interface SubscribersQuery {
  topic: string
  /** `next` of the page before; 0 for the first. */
  after: number
  limit: number
}

export interface SubscribersPage {
  items: { user: string; own: boolean; at: number }[]
  next: number | undefined
}

export interface TopicsQuery {
  user: string
  /** The last topic of the page before; empty for the first. */
  after: string
  limit: number
}

export interface TopicsPage {
  items: { topic: string; own: boolean; at: number }[]
  next: string | undefined
}

/** What one chunk has done. */
export type FanOutStep =
  ({ kind: 'delivered' } & Arrived) | { kind: 'recalled'; removals: readonly Removal[] }
