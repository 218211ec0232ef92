import { counter, gauge, showSum, type Instruments } from './instruments.js'
import { inTime } from './in-time.js'

/** What a node tells of itself as one of several. */
export interface ObservedCluster {
  /** Since the start, but `isConnected` and `waiting`; `lagMs` of the latest message, by the clocks of both nodes. */
  bus: () => {
    isConnected: boolean
    published: number
    received: number
    dropped: number
    rubbish: number
    waiting: number
    lagMs: number
  }
  /** Connections to the database, and requests that wait for one. */
  connections: () => { inUse: number; idle: number; waiting: number }
  /** Logs that a look at the store found moved, since the start, while nobody had told. */
  missedWakes: () => number
  /** How long the lease still runs under which this node tells of its connections, in milliseconds; below 0 it has ended. */
  leaseMs: () => number
  /** Nodes whose lease runs, this one too. */
  nodes: () => Promise<number>
}

/** How a node reaches the database and the other nodes. Made only where there may be others. */
export class ClusterMetrics {
  readonly #connected
  readonly #messages
  readonly #messagesWaiting
  readonly #lag
  readonly #missedWakes
  readonly #connections
  readonly #requestsWaiting
  readonly #lease
  readonly #nodes

  constructor(registry: Instruments) {
    this.#connected = gauge(registry, {
      name: 'bus_connected',
      help: '1 while the other nodes can be heard and spoken to, else 0.',
    })
    this.#messages = counter(registry, {
      name: 'bus_messages_total',
      help: 'Messages between nodes: published, received (its own may be among them), dropped before they went out, and not understood.',
      labels: ['what'],
    })
    this.#messagesWaiting = gauge(registry, {
      name: 'bus_messages_waiting',
      help: 'Messages to other nodes that wait to go out.',
    })
    this.#lag = gauge(registry, {
      name: 'bus_lag_seconds',
      help: 'How long the latest message of another node was under way, as far as the clocks of both agree.',
    })
    this.#missedWakes = counter(registry, {
      name: 'wakes_missed_total',
      help: 'Logs that a look at the store found moved, of which no wake had told.',
    })
    this.#connections = gauge(registry, {
      name: 'database_connections',
      help: 'Connections to PostgreSQL, or its pooler, by whether they are in use; that of the bus is not among them.',
      labels: ['state'],
    })
    this.#requestsWaiting = gauge(registry, {
      name: 'database_requests_waiting',
      help: 'Transactions that wait for a connection to PostgreSQL.',
    })
    this.#lease = gauge(registry, {
      name: 'cluster_lease_seconds',
      help: 'For how long the other nodes still believe what this one told of its connections; below 0 they do not.',
    })
    this.#nodes = gauge(registry, {
      name: 'cluster_nodes',
      help: 'Nodes whose lease runs, as the database says.',
    })
  }

  /** Shows a node as it is now; what the database does not tell within so many milliseconds is left out. */
  async show(cluster: ObservedCluster, { withinMs }: { withinMs: number }): Promise<void> {
    const { isConnected, published, received, dropped, rubbish, waiting, lagMs } = cluster.bus()
    this.#connected.set(Number(isConnected))
    const sums = { published, received, dropped, misunderstood: rubbish }
    for (const [what, sum] of Object.entries(sums)) showSum(this.#messages, sum, { what })
    this.#messagesWaiting.set(waiting)
    this.#lag.set(lagMs / 1_000)
    showSum(this.#missedWakes, cluster.missedWakes())
    const connections = cluster.connections()
    this.#connections.set({ state: 'in_use' }, connections.inUse)
    this.#connections.set({ state: 'idle' }, connections.idle)
    this.#requestsWaiting.set(connections.waiting)
    this.#lease.set(cluster.leaseMs() / 1_000)
    const nodes = await inTime(cluster.nodes(), withinMs)
    if (nodes === undefined) this.#nodes.remove()
    else this.#nodes.set(nodes)
  }
}
