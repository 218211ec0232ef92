import type { UsersConnection } from '../live.js'
import type { Revocation } from './revocations.js'

/** A connection as its node tells of it. */
export type PresentConnection = UsersConnection

/** What several nodes over one database know of each other, beside the log. Leases go by the database's own clock. */
export interface ClusterStore extends PresenceStore, OrderStore, DutyStore, NewsStore {}

/**
 * Who is connected, and to which node. A node tells its connections within a life of its own, which ends for good when its lease
 * does: then it begins another, and tells all again. So none needs to know whether something of it was taken away.
 */
export interface PresenceStore {
  /** Begins a life, by a name that was never used before. */
  beginLife(command: { life: string; leaseMs: number }): Promise<void>
  /** Renews the lease and tells what has changed; false, and nothing done, where that life is over. */
  tellPresence(command: PresenceTold): Promise<boolean>
  /** Ends a life: what it has told counts no more, at once. */
  endLife(command: { life: string }): Promise<void>
  /** Takes away at most `limit` connections of lives that are over. */
  sweepPresence(command: { limit: number }): Promise<{ more: boolean }>
  /** The users who are connected in other lives, each once. */
  presentUsers(query: OtherLives): Promise<string[]>
  /** The user whose connection it is, in another life. */
  presentUserOf(query: OtherLives & { connection: string }): Promise<string | undefined>
  /** A user's connections in other lives, the oldest first. */
  presentConnections(query: OtherLives & { user: string }): Promise<PresentConnection[]>
  /** The newest connections of other lives, the latest first, and how many they had when they last told. */
  newestPresent(
    query: OtherLives & { limit: number },
  ): Promise<{ connections: PresentConnection[]; total: number }>
}

/** All lives that go on, but this one. */
export interface OtherLives {
  except: string
}

export interface PresenceTold {
  life: string
  leaseMs: number
  /** New ones, and those that were heard since. */
  present: readonly PresentConnection[]
  /** By the names of the connections. */
  gone: readonly string[]
  /** How many there are. */
  total: number
}

/** What every node has to do, once: kept until any of them that lives has read it. */
export interface OrderStore {
  /** Resolves when they are on disk. */
  giveOrders(orders: readonly GivenOrder[]): Promise<void>
  /** The place of the last order; 0 where there is none. */
  lastOrder(): Promise<number>
  /** The orders after a place, in the order in which they came, without those of this node. */
  ordersAfter(query: { after: number; node: string; limit: number }): Promise<OrdersPage>
  /** Forgets at most `limit` orders that are older than that. */
  forgetOrders(command: { olderThanMs: number; limit: number }): Promise<{ more: boolean }>
}

export interface GivenOrder {
  /** The node that gives it, and has done it already. */
  node: string
  content: string
}

export interface OrdersPage {
  orders: TakenOrder[]
  /** The place up to which this page goes: `after` of the next. */
  last: number
  more: boolean
  /** The database's time, in milliseconds: between two pages it tells how long one was away. */
  at: number
}

export interface TakenOrder {
  content: string
  /** How long ago it was given. */
  ageMs: number
}

export interface DutyStore {
  /** Takes or renews what one node at a time does for all; false where another one has it. */
  claimDuty(command: { duty: string; node: string; forMs: number }): Promise<boolean>
}

/** Revocations as they come, from whichever node. */
export interface NewsStore {
  /** Those after a place, in the order in which they came; `last` is the place up to which that goes. */
  revokedAfter(query: {
    after: number
    limit: number
  }): Promise<{ items: Revocation[]; last: number }>
  /** The place of the last one; 0 where there is none. */
  lastRevoked(): Promise<number>
}
