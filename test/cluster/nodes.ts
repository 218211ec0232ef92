import { expect } from 'vitest'
import type { LogMove } from '../../src/inbox/wake.js'
import type { Bus } from '../../src/cluster/bus.js'
import { ClusterBus } from '../../src/cluster/cluster-bus.js'
import { ClusterWake } from '../../src/cluster/cluster-wake.js'

/** A node's wake, and what it told there. */
export interface Node {
  bus: ClusterBus
  wake: ClusterWake
  moves: LogMove[]
  /** How often it said that wakes of these users may be lost. */
  missed: (user: string) => number
  /** What was reported. */
  interruptions: unknown[]
  [Symbol.asyncDispose]: () => Promise<void>
}

/** A node over a bus, with the users whom it follows. */
export function startNode(name: string, bus: Bus, users: readonly string[] = []): Node {
  const interruptions: unknown[] = []
  const report = (error: unknown): void => void interruptions.push(error)
  const cluster = new ClusterBus({ bus, node: name, clock: Date.now, report })
  const wake = new ClusterWake({ cluster, clock: Date.now })
  const moves: LogMove[] = []
  const groups: ((user: string) => boolean)[] = []
  wake.subscribe(
    (move) => void moves.push(move),
    (isMeant) => void groups.push(isMeant),
  )
  for (const user of users) wake.follow(user)
  return {
    bus: cluster,
    wake,
    moves,
    missed: (user) => groups.filter((isMeant) => isMeant(user)).length,
    interruptions,
    async [Symbol.asyncDispose]() {
      wake.close()
      await cluster.close()
      await cluster.close()
    },
  }
}

export function arrival(user: string, seq: number, contentJson = '{"id":"x"}'): LogMove {
  const change = { kind: 'arrived' as const, contentJson, acceptedAt: 7, unread: seq, unseen: 1 }
  return { user, seq, change }
}

/** Resolves when these nodes hear and can be heard. */
export async function connected(...nodes: Node[]): Promise<void> {
  await expect.poll(() => nodes.every(({ bus }) => bus.figures.isConnected)).toBe(true)
}
