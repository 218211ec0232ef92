import { randomBytes } from 'node:crypto'
import type { Backend, BackendOptions } from './backend.js'
import type { Bus } from './cluster/bus.js'
import { ClusterBus } from './cluster/cluster-bus.js'
import { ClusterWake } from './cluster/cluster-wake.js'
import { openCounterClient, type CounterClient } from './cluster/counter-client.js'
import { assertUsable } from './cluster/kept-client.js'
import { NotifyBus } from './cluster/notify-bus.js'
import { RedisBus } from './cluster/redis-bus.js'
import type { Config } from './config.js'
import type { BusSettings, DatabaseSettings } from './database-settings.js'
import { logDatabase } from './log-store.js'
import { PostgresStore } from './store/postgres/store.js'
import type { Log } from './telemetry/log.js'

/**
 * Opens a database that several nodes share, and the bus between them.
 * @throws Error where the database can't be opened, or the bus could never be; nothing is left open then
 */
export async function openServer(
  database: Extract<DatabaseSettings, { kind: 'postgres' }>,
  { inboxLimit, nodeName: node, bus: settings }: Config,
  { log, clock, newEpoch, committed }: BackendOptions,
): Promise<Backend> {
  if (settings?.kind === 'notify') assertUsable(database.notifyUrl)
  const store = await PostgresStore.open({
    url: database.url,
    connections: database.connections,
    bounds: { inboxLimit },
    node,
    newEpoch,
    report: logDatabase(log),
    committed,
  })
  // One Redis may serve several clusters.
  const prefix = `posthorn:${store.epoch}`
  const bus = new ClusterBus({
    bus: openBus(settings, { notifyUrl: database.notifyUrl, prefix }),
    // Not by its name, which another node may bear by mistake, or a former process of this one: each would be deaf to the other.
    node: randomBytes(12).toString('base64url'),
    clock,
    report: (error) => log.error({ err: error }, 'the bus does not get through'),
  })
  const wake = new ClusterWake({ cluster: bus, clock })
  const counters = settings?.kind === 'redis' ? openCounters(settings.url, log) : undefined
  return {
    store,
    wake,
    cluster: {
      node,
      bus,
      store: store.cluster,
      counters: counters && { client: counters.client, prefix },
      observed: {
        bus: () => bus.figures,
        connections: () => store.cluster.connections,
        nodes: () => store.cluster.living(),
      },
    },
    close: async () => {
      wake.close()
      await bus.close()
      counters?.close()
      await store.close()
    },
  }
}

function openCounters(url: string, log: Log): CounterClient {
  return openCounterClient(url, (error) =>
    log.warn({ err: error }, 'requests are counted by each node for itself'),
  )
}

function openBus(
  settings: BusSettings | undefined,
  { notifyUrl, prefix }: { notifyUrl: string; prefix: string },
): Bus {
  return settings?.kind === 'redis'
    ? new RedisBus({ url: settings.url, prefix })
    : new NotifyBus({ url: notifyUrl })
}
