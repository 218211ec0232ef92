import type { ObservedCluster } from '../../src/telemetry/cluster-metrics.js'

/** A node that is connected, has said nothing and heard nothing, and is alone. */
export function clusterAtRest(changed: Partial<ObservedCluster> = {}): ObservedCluster {
  return {
    bus: () => ({
      isConnected: true,
      published: 0,
      received: 0,
      dropped: 0,
      rubbish: 0,
      waiting: 0,
      lagMs: 0,
    }),
    connections: () => ({ inUse: 0, idle: 1, waiting: 0 }),
    missedWakes: () => 0,
    leaseMs: () => 15_000,
    nodes: () => Promise.resolve(1),
    ...changed,
  }
}
