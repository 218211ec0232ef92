import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { ClusterMetrics, type ObservedCluster } from '../../src/telemetry/cluster-metrics.js'
import { Measured } from '../measured.js'
import { hasPromtool, promtool } from '../promtool.js'
import { clusterAtRest } from './cluster-at-rest.js'

/** What is shown of these states of a node, one after the other, at last. */
async function shown(...states: Partial<ObservedCluster>[]): Promise<Measured> {
  const registry = new Registry()
  const metrics = new ClusterMetrics(registry)
  for (const state of states) await metrics.show(clusterAtRest(state), { withinMs: 50 })
  return new Measured(await registry.metrics())
}

const bus = {
  isConnected: false,
  published: 7,
  received: 5,
  dropped: 3,
  rubbish: 2,
  waiting: 4,
  lagMs: 1_500,
}

test('shows the bus, the connections and the lease in the units of Prometheus', async () => {
  const measured = await shown(
    {},
    {
      bus: () => bus,
      connections: () => ({ inUse: 8, idle: 2, waiting: 30 }),
      missedWakes: () => 6,
      leaseMs: () => -2_500,
      nodes: () => Promise.resolve(3),
    },
  )
  const messages = (what: string): number | undefined =>
    measured.value('posthorn_bus_messages_total', { what })
  expect(measured.value('posthorn_bus_connected')).toBe(0)
  expect(['published', 'received', 'dropped', 'misunderstood'].map(messages)).toEqual([7, 5, 3, 2])
  expect(measured.value('posthorn_bus_messages_waiting')).toBe(4)
  expect(measured.value('posthorn_bus_lag_seconds')).toBe(1.5)
  expect(measured.value('posthorn_wakes_missed_total')).toBe(6)
  expect(measured.value('posthorn_database_connections', { state: 'in_use' })).toBe(8)
  expect(measured.value('posthorn_database_connections', { state: 'idle' })).toBe(2)
  expect(measured.value('posthorn_database_requests_waiting')).toBe(30)
  expect(measured.value('posthorn_cluster_lease_seconds')).toBe(-2.5)
  expect(measured.value('posthorn_cluster_nodes')).toBe(3)
})

test.each([
  ['fails', () => Promise.reject(new Error('away'))],
  ['does not answer', () => new Promise<number>(() => undefined)],
])(
  'leaves the number of nodes out while the database %s, and shows the rest',
  async (_how, nodes) => {
    const measured = await shown({}, { nodes, bus: () => bus })
    expect(measured.value('posthorn_cluster_nodes')).toBeUndefined()
    expect(measured.value('posthorn_bus_connected')).toBe(0)
  },
)

test.skipIf(!hasPromtool())('is what Prometheus expects, names and units too', async () => {
  expect(promtool(['check', 'metrics'], (await shown({})).text)).toBe('')
})
