import type {
  ClusterStore,
  GivenOrder,
  OrdersPage,
  OtherLives,
  PresenceTold,
  PresentConnection,
} from '../../inbox/stores/cluster.js'
import type { Revocation } from '../../inbox/stores/revocations.js'
import type { Database } from './database.js'
import { claimDuty } from './duties.js'
import { beginLife, endLife, livingNodes } from './nodes.js'
import { forgetOrders, giveOrders, lastOrder, ordersAfter } from './orders.js'
import {
  newestPresent,
  presentConnections,
  presentUserOf,
  presentUsers,
  sweepPresence,
  tellPresence,
} from './presence.js'
import { lastRevoked, revokedAfter } from './revoked.js'

/** What nodes know of each other, over the database of the log; whoever opened that closes it. */
export class PostgresCluster implements ClusterStore {
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** Connections by what they do, and requests that wait for one. */
  get connections(): Database['connections'] {
    return this.#database.connections
  }

  /** Nodes whose lease runs. */
  living(): Promise<number> {
    return livingNodes(this.#database)
  }

  beginLife(command: { life: string; leaseMs: number }): Promise<void> {
    return this.#database.transaction((transaction) => beginLife(transaction, command))
  }

  tellPresence(command: PresenceTold): Promise<boolean> {
    return this.#database.transaction((transaction) => tellPresence(transaction, command))
  }

  endLife(command: { life: string }): Promise<void> {
    return this.#database.transaction((transaction) => endLife(transaction, command))
  }

  sweepPresence(command: { limit: number }): Promise<{ more: boolean }> {
    return this.#database.transaction((transaction) => sweepPresence(transaction, command))
  }

  presentUsers(query: OtherLives): Promise<string[]> {
    return presentUsers(this.#database, query)
  }

  presentUserOf(query: OtherLives & { connection: string }): Promise<string | undefined> {
    return presentUserOf(this.#database, query)
  }

  presentConnections(query: OtherLives & { user: string }): Promise<PresentConnection[]> {
    return presentConnections(this.#database, query)
  }

  newestPresent(
    query: OtherLives & { limit: number },
  ): Promise<{ connections: PresentConnection[]; total: number }> {
    return this.#database.snapshot((snapshot) => newestPresent(snapshot, query))
  }

  giveOrders(orders: readonly GivenOrder[]): Promise<void> {
    return this.#database.transaction((transaction) => giveOrders(transaction, orders))
  }

  lastOrder(): Promise<number> {
    return lastOrder(this.#database)
  }

  ordersAfter(query: { after: number; node: string; limit: number }): Promise<OrdersPage> {
    return ordersAfter(this.#database, query)
  }

  forgetOrders(command: { olderThanMs: number; limit: number }): Promise<{ more: boolean }> {
    return this.#database.transaction((transaction) => forgetOrders(transaction, command))
  }

  claimDuty(command: { duty: string; node: string; forMs: number }): Promise<boolean> {
    return this.#database.transaction((transaction) => claimDuty(transaction, command))
  }

  revokedAfter(query: {
    after: number
    limit: number
  }): Promise<{ items: Revocation[]; last: number }> {
    return revokedAfter(this.#database, query)
  }

  lastRevoked(): Promise<number> {
    return lastRevoked(this.#database)
  }
}
