import { vi } from 'vitest'
import { ClusterBus } from '../../src/cluster/cluster-bus.js'
import { ClusterWake } from '../../src/cluster/cluster-wake.js'
import { LiveSessions } from '../../src/socket/live-sessions.js'
import { createLog } from '../../src/telemetry/log.js'
import { expectSame, expectTrue } from '../expectations.js'
import { MemoryLog, settled } from '../socket/memory-log.js'
import { applyChange } from '../socket/session-changes.js'
import { openSession, type Fixture } from '../socket/session-fixture.js'
import { MemoryNetwork, type MemoryBus } from './memory-bus.js'
import type { ClusterEvent, ClusterScenario } from './wake-events.js'

const LOOK_MS = 30_000

interface ModelNode {
  bus: MemoryBus
  cluster: ClusterBus
  wake: ClusterWake
  sessions: LiveSessions
  open: Fixture[]
}

/** Some nodes over one log and a bus that does what the test says; timers are the test's. */
export class WakeRun {
  readonly #log = new MemoryLog()
  readonly #nodes: ModelNode[]
  readonly #maxUnacked: number
  readonly #isLossy: boolean
  /** Looks whose answers wait. */
  #held: (() => void)[] | undefined
  #now = 0
  #devices = 0

  constructor({ nodes, maxBytes, maxUnacked, isLossy }: ClusterScenario) {
    const network = new MemoryNetwork(maxBytes)
    this.#maxUnacked = maxUnacked
    this.#isLossy = isLossy
    this.#nodes = Array.from({ length: nodes }, (_, index) => this.#startNode(network, index))
  }

  async step(event: ClusterEvent): Promise<void> {
    const node = this.#nodes[event.node % this.#nodes.length]
    if (!node) throw new Error('there is a node')
    await this.#perform(node, event)
    await settled()
  }

  /** The bus comes to rest, and whoever is to look has looked: then each session has told all of the log. */
  async settle(): Promise<void> {
    await this.#release()
    await this.#rest()
    if (this.#isLossy) {
      await this.#loseLast()
      await this.#pass(LOOK_MS + 1_000)
      await this.#rest()
    }
    for (let round = 0; round <= this.#log.latest; round++) {
      for (const { open } of this.#nodes) for (const fixture of open) acknowledge(fixture)
      await settled()
    }
    for (const { open } of this.#nodes) for (const fixture of open) this.#expectLevel(fixture)
  }

  /** How many sessions are open. */
  get size(): number {
    return this.#nodes.reduce((sum, { open }) => sum + open.length, 0)
  }

  async close(): Promise<void> {
    for (const { sessions, wake, cluster } of this.#nodes) {
      sessions.close(1001, 'done')
      wake.close()
      await cluster.close()
    }
    expectSame(vi.getTimerCount(), 0, 'timers that are left')
  }

  #startNode(network: MemoryNetwork, index: number): ModelNode {
    const bus = network.add()
    const clock = (): number => this.#now
    const cluster = new ClusterBus({ bus, node: `node ${index}`, clock, report: () => undefined })
    const wake = new ClusterWake({ cluster, clock })
    const sessions = new LiveSessions({
      wake,
      store: {
        latest: async (users) => {
          // What the store answers is as of the moment in which it was asked.
          const { latest } = this.#log
          if (this.#held) await new Promise<void>((resolve) => this.#held?.push(resolve))
          return new Map(users.map((user) => [user, latest]))
        },
        seeDevice: () => Promise.resolve(),
      },
      clock,
      stopwatch: clock,
      log: createLog({ level: 'silent', readable: false }),
      maxConnectionsPerUser: 100,
      heartbeatMs: 25_000,
      lookMs: LOOK_MS,
      drainSliceMs: 50,
    })
    return { bus, cluster, wake, sessions, open: [] }
  }

  async #perform(node: ModelNode, event: ClusterEvent): Promise<void> {
    const { bus } = node
    switch (event.kind) {
      case 'change':
        return this.#change(node, event)
      case 'open':
        return this.#open(node)
      case 'leave': {
        const [leaving] = node.open.splice(0, 1)
        return leaving?.session.close(1000, 'done')
      }
      case 'acknowledge':
        for (const fixture of node.open) acknowledge(fixture)
        return
      case 'gather':
        return this.#pass(5)
      case 'deliver':
        return bus.deliver(event.which, event)
      case 'lose':
        if (this.#isLossy) bus.lose(event.which)
        return
      case 'confirm':
        return bus.confirm()
      case 'cut':
        return bus.cut()
      case 'mend':
        return bus.mend()
      case 'mute':
        return bus.mute()
      case 'unmute':
        return bus.unmute()
      case 'hold':
        this.#held ??= []
        return this.#log.hold()
      case 'release':
        return this.#release()
    }
  }

  /** The log changes, as by a command that this node was given. */
  #change({ wake }: ModelNode, { change, carries }: ClusterEvent & { kind: 'change' }): void {
    const changed = applyChange(this.#log, change)
    wake.publish(
      changed.map((seq) => {
        const move = this.#log.wakeOf(seq, carries)
        return { user: move.user, seq: move.seq, change: move.change }
      }),
    )
  }

  /** As a session does, it joins before the store is asked. */
  async #open({ sessions, open }: ModelNode): Promise<void> {
    this.#devices += 1
    const device = `device-${this.#devices}`
    const fixture = await openSession({
      log: this.#log,
      maxUnacked: this.#maxUnacked,
      request: { device },
      registry: sessions,
    })
    open.push(fixture)
  }

  async #release(): Promise<void> {
    const held = this.#held ?? []
    this.#held = undefined
    for (const answer of held) answer()
    await this.#log.release()
  }

  /** All that was under way comes, and the bus is as it should be everywhere. */
  async #rest(): Promise<void> {
    for (const { bus } of this.#nodes) bus.unmute()
    await this.#pass(5)
    for (const { bus } of this.#nodes) {
      bus.mend()
      bus.confirm()
    }
    for (const { bus } of this.#nodes) {
      while (bus.underway.length > 0) bus.deliver(0)
    }
    await settled()
  }

  /** Nobody else hears of the last change. */
  async #loseLast(): Promise<void> {
    const [node] = this.#nodes
    const seq = this.#log.append()
    node?.wake.publish([{ user: 'alice', seq, change: undefined }])
    await this.#pass(5)
    for (const { bus } of this.#nodes) bus.underway.length = 0
  }

  async #pass(milliseconds: number): Promise<void> {
    this.#now += milliseconds
    vi.advanceTimersByTime(milliseconds)
    await settled()
  }

  /** It told of all that stands in the log, in order and each once, as it stands there. */
  #expectLevel({ socket }: Fixture): void {
    expectSame(socket.closedWith, undefined, 'closed')
    const told = socket.entries.map(([, seq]) => seq)
    expectSame(
      told,
      [...new Set(told)].toSorted((a, b) => a - b),
      'order of what was told',
    )
    const resting = this.#log.restingAfter(0)
    const missing = resting.filter((seq) => !told.includes(seq))
    expectSame(missing, [], 'what stands in the log and was not told')
    for (const message of socket.messages) {
      if (message.type !== 'notification') continue
      const { seq, notification } = message.payload
      expectTrue(notification.id === this.#log.at(seq).id, `another notification at ${seq}`)
    }
  }
}

function acknowledge({ session, socket }: Fixture): void {
  const seq = socket.entries.at(-1)?.[1]
  if (seq !== undefined) session.receive(JSON.stringify({ type: 'ack', payload: { seq } }))
}
