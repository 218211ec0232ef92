import type { ClusterBus } from './cluster/cluster-bus.js'
import type { Config } from './config.js'
import type { Clock } from './inbox/clock.js'
import type { Store } from './inbox/store.js'
import type { ClusterStore } from './inbox/stores/cluster.js'
import { InProcessWake, type Wake } from './inbox/wake.js'
import { logStore } from './log-store.js'
import { SqliteStore } from './store/sqlite/store.js'
import type { ObservedCluster } from './telemetry/cluster-metrics.js'
import type { Log } from './telemetry/log.js'
import type { ObservedStore } from './telemetry/store-metrics.js'

/** Where the log is, and how those hear of it who wait for it. */
export interface Backend {
  store: Store & ObservedStore
  wake: Wake
  /** What several nodes need beside the log; undefined where one has it for itself. */
  cluster: Cluster | undefined
  /** Ends what is under way, then the bus and the store; idempotent. */
  close(): Promise<void>
}

interface Cluster {
  /** This node's name, unlike that of any other. */
  node: string
  bus: ClusterBus
  store: ClusterStore
  /** Where requests of all nodes are counted together; undefined where each counts by itself. */
  counters: { client: object; prefix: string } | undefined
  observed: Pick<ObservedCluster, 'bus' | 'connections' | 'nodes'>
}

export interface BackendOptions {
  log: Log
  clock: Clock
  newEpoch: boolean
  /** Told of each transaction that has written. */
  committed: (commit: { writes: number; seconds: number }) => void
}

/**
 * Opens the database that is configured, and the bus beside it.
 * @throws Error where the database can't be opened; nothing is left open then
 */
export async function openBackend(config: Config, options: BackendOptions): Promise<Backend> {
  const { database } = config
  if (database.kind === 'sqlite') return openFile(database.path, config, options)
  // Only here, so that a service over a file need not hold what speaks to PostgreSQL and Redis.
  const { openServer } = await import('./cluster-backend.js')
  return openServer(database, config, options)
}

async function openFile(
  path: string,
  { inboxLimit }: Config,
  { log, newEpoch, committed }: BackendOptions,
): Promise<Backend> {
  const options = { newEpoch, report: logStore(log), committed }
  const store = await SqliteStore.open(path, { inboxLimit }, options)
  return { store, wake: new InProcessWake(), cluster: undefined, close: () => store.close() }
}
