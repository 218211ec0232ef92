import { Registry } from 'prom-client'
import { ClusterMetrics, type ObservedCluster } from './cluster-metrics.js'
import { ConnectionMetrics, type Census } from './connection-metrics.js'
import { gauge } from './instruments.js'
import { ProcessMetrics } from './process-metrics.js'
import { RequestMetrics } from './request-metrics.js'
import { StoreMetrics, type ObservedStore } from './store-metrics.js'
import { Traffic } from './traffic.js'

/** How long a reading waits for the store, in milliseconds: less than Prometheus waits for the reading (10 s). */
const STORE_WITHIN_MS = 2_000

export interface MetricsOptions {
  version: string
  /** Codes of the errors that keep callers out. */
  refusals: readonly string[]
  stopwatch: () => number
}

/** What a reading looks at. */
export interface Observed {
  store: ObservedStore
  /** This node among others; undefined where the log is its own. */
  cluster: ObservedCluster | undefined
  census: () => Census
  /** When the TLS certificate ends, in milliseconds since 1970; undefined without one. */
  certificateEndsAt: () => number | undefined
  isStopping: () => boolean
  clock: () => number
}

/**
 * The measures of one service, in the text format of Prometheus. What happens often only adds; what is (connections, queues,
 * sizes) is looked at when someone asks. Owns the monitor of the event loop: `close` ends it.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #process: ProcessMetrics
  readonly #stopping = gauge(this.#registry, {
    name: 'stopping',
    help: '1 from the moment at which the service is on its way out, else 0.',
  })
  readonly #certificateEnd = gauge(this.#registry, {
    name: 'tls_certificate_end_timestamp_seconds',
    help: 'When the TLS certificate that is shown ends, since 1970; absent without TLS.',
  })
  readonly traffic = new Traffic(this.#registry)
  readonly connections: ConnectionMetrics
  readonly requests = new RequestMetrics(this.#registry)
  readonly store = new StoreMetrics(this.#registry)
  #observed: Observed | undefined
  #cluster: ClusterMetrics | undefined

  constructor({ version, refusals, stopwatch }: MetricsOptions) {
    this.connections = new ConnectionMetrics(this.#registry, refusals)
    this.#process = new ProcessMetrics(this.#registry, stopwatch)
    gauge(this.#registry, {
      name: 'build_info',
      help: '1, with what runs.',
      labels: ['version', 'node'],
    }).set({ version, node: process.versions.node }, 1)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  /** From here on readings look at these, and the event loop is watched. */
  observe(observed: Observed): void {
    this.#observed = observed
    if (observed.cluster) this.#cluster = new ClusterMetrics(this.#registry)
    this.#process.start()
  }

  /** All that is measured, as of now. */
  async read(): Promise<string> {
    this.traffic.show()
    this.requests.show()
    const looked = [this.#process.show()]
    if (this.#observed) {
      const { store, cluster, census, certificateEndsAt, isStopping, clock } = this.#observed
      this.connections.show(census())
      this.#stopping.set(Number(isStopping()))
      const endsAt = certificateEndsAt()
      if (endsAt === undefined) this.#certificateEnd.remove()
      else this.#certificateEnd.set(endsAt / 1_000)
      // First, while what this reading asks of the database does not wait for its connections.
      if (cluster && this.#cluster) {
        looked.push(this.#cluster.show(cluster, { withinMs: STORE_WITHIN_MS }))
      }
      looked.push(this.store.show(store, { now: clock(), withinMs: STORE_WITHIN_MS }))
    }
    await Promise.all(looked)
    return this.#registry.metrics()
  }

  close(): void {
    this.#process.close()
  }
}
