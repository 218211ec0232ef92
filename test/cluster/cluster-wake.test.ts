import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ClusterBus } from '../../src/cluster/cluster-bus.js'
import { arrival, startNode, type Node } from './nodes.js'
import { MemoryNetwork, type MemoryBus } from './memory-bus.js'

let buses: MemoryBus[]
let here: Node
let there: Node

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] })
  const network = new MemoryNetwork(8_000)
  buses = [network.add(), network.add()]
  const [first, second] = buses
  if (!first || !second) throw new Error('there are two')
  here = startNode('a', first, ['alice'])
  there = startNode('b', second, ['alice'])
  for (const bus of buses) bus.confirm()
})
afterEach(async () => {
  for (const node of [here, there]) await node[Symbol.asyncDispose]()
  vi.useRealTimers()
})

function deliverAll(): void {
  for (const bus of buses) while (bus.underway.length > 0) bus.deliver(0)
}

test('tells those of its own node at once, the others after 5 ms, and nobody twice', () => {
  here.wake.publish([arrival('alice', 1)])
  here.wake.publish([arrival('alice', 2)])
  expect(here.moves).toHaveLength(2)
  expect(buses[1]?.underway).toEqual([])
  vi.advanceTimersByTime(5)
  expect(buses[1]?.underway).toHaveLength(1)
  deliverAll()
  expect(there.moves).toEqual([arrival('alice', 1), arrival('alice', 2)])
  expect(here.moves).toHaveLength(2)
})

test('of an old message it takes only where to look: the log may have begun another life', () => {
  here.wake.publish([arrival('alice', 1), { user: 'alice', seq: 1, change: { kind: 'counts' } }])
  vi.advanceTimersByTime(10_006)
  deliverAll()
  expect(there.moves).toEqual([
    { user: 'alice', seq: 1, change: undefined },
    { user: 'alice', seq: 1, change: { kind: 'counts' } },
  ])
  expect(there.bus.figures.lagMs).toBe(10_001)
})

test('looks for the users of a channel on which another version spoke of wakes', () => {
  const channel = here.bus.channelOf('alice')
  const before = there.missed('alice')
  const said = { v: 2, node: 'c', at: Date.now(), body: 'who knows' }
  for (const kind of ['wake', 'unheard of']) {
    buses[0]?.publish(channel, JSON.stringify({ ...said, kind }))
  }
  deliverAll()
  expect(there.missed('alice')).toBe(before + 1)
  expect(there.bus.figures.rubbish).toBe(0)
})

test('hands over what was gathered when it closes, and nothing after that', () => {
  here.wake.publish([arrival('alice', 1)])
  here.wake.close()
  here.wake.close()
  here.wake.publish([arrival('alice', 2)])
  vi.advanceTimersByTime(5)
  deliverAll()
  expect(there.moves).toEqual([arrival('alice', 1)])
})

test('what a listener throws is reported, and keeps nothing from the others', () => {
  there.wake.subscribe(() => {
    throw new Error('a listener is broken')
  })
  here.wake.publish([arrival('alice', 1)])
  vi.advanceTimersByTime(5)
  deliverAll()
  expect(String(there.interruptions)).toContain('a listener is broken')
  expect(there.moves).toHaveLength(1)
})

test('listens to a channel from its first user to its last, and sends no body that is too large', () => {
  const asked: string[] = []
  const bus = new MemoryNetwork(1_000).add()
  bus.listen = (channel) => void asked.push(`listen ${channel}`)
  bus.unlisten = (channel) => void asked.push(`unlisten ${channel}`)
  const cluster = new ClusterBus({ bus, node: 'c', clock: Date.now, report: () => undefined })
  const channel = String(cluster.channelOf('alice'))
  cluster.follow('alice')
  cluster.follow('alice')
  cluster.unfollow('alice')
  expect(asked).toEqual([`listen ${channel}`])
  cluster.unfollow('alice')
  cluster.unfollow('alice')
  expect(asked).toEqual([`listen ${channel}`, `unlisten ${channel}`])
  expect(cluster.send({ name: 'wake' }, 'all', 'x'.repeat(749))).toBe(false)
  expect(cluster.send({ name: 'wake' }, 'all', 'x'.repeat(748))).toBe(true)
})
