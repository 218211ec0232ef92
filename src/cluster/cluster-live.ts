import type { Stopwatch } from '../inbox/clock.js'
import type {
  LiveConnection,
  LiveConnections,
  LiveEnd,
  LiveSelection,
  LiveTarget,
  LocalConnections,
  UsersConnection,
} from '../inbox/live.js'
import type { ClusterStore } from '../inbox/stores/cluster.js'
import * as z from 'zod/mini'
import type { ClusterBus, Kind } from './cluster-bus.js'
import { Ephemerals } from './ephemerals.js'
import { Orders } from './orders.js'
import { Poller } from './poller.js'
import type { PresenceChanges } from './presence-changes.js'
import { PRESENCE_TIMES, PresenceKeeper, type PresenceTimes } from './presence-keeper.js'

/** How often a node looks for orders and revocations that nobody has woken it for, in milliseconds. */
const LOOK_MS = 1_000

const ORDERS: Kind<object> = { name: 'orders', body: z.object({}) }
const REVOCATIONS: Kind<object> = { name: 'revocations', body: z.object({}) }

export interface ClusterLiveOptions {
  local: LocalConnections
  /** Told of them as they come and go. */
  changes: PresenceChanges
  store: ClusterStore
  bus: Pick<ClusterBus, 'node' | 'channelOf' | 'maxBodyBytes' | 'sendJson' | 'receive' | 'onMissed'>
  stopwatch: Stopwatch
  /** Told of what failed, once while it lasts. */
  report: (error: unknown) => void
  /** Default: `PRESENCE_TIMES`, and a look each second. */
  times?: Partial<PresenceTimes & { lookMs: number }>
}

/**
 * The connections of all nodes: those of this process as they are, others as their nodes have told. Owns its timers; `close` takes
 * this node's presence away. Whoever has opened the bus and the store closes them, later.
 */
export class ClusterLive implements LiveConnections {
  readonly #options: ClusterLiveOptions
  readonly #presence: PresenceKeeper
  readonly #orders: Orders
  readonly #ephemerals: Ephemerals
  readonly #lookMs: number
  #revocations: Poller | undefined
  #stops: readonly (() => void)[] = []
  #isFailing = false

  constructor(options: ClusterLiveOptions) {
    this.#options = options
    const { local, changes, store, bus, stopwatch, report, times } = options
    this.#lookMs = times?.lookMs ?? LOOK_MS
    this.#presence = new PresenceKeeper({
      store,
      local,
      changes,
      stopwatch,
      report,
      times: { ...PRESENCE_TIMES, ...times },
    })
    this.#orders = new Orders({
      store,
      node: bus.node,
      local,
      wake: () => void bus.sendJson(ORDERS, 'all', '{}'),
      report,
      everyMs: this.#lookMs,
    })
    this.#ephemerals = new Ephemerals({ bus, local, report })
  }

  /** How long this node's lease still runs, in milliseconds; below 0 it has ended. */
  get leaseMs(): number {
    return this.#presence.leaseMs
  }

  /** Begins to take orders and to tell of its connections: before the first one comes. */
  async start(): Promise<void> {
    const { bus } = this.#options
    await this.#orders.start()
    this.#presence.start()
    this.#stops = [
      bus.receive(ORDERS, () => this.#orders.hurry()),
      bus.receive(REVOCATIONS, () => this.#revocations?.hurry()),
      bus.onMissed(() => {
        this.#orders.hurry()
        this.#revocations?.hurry()
      }),
    ]
  }

  /** Calls `poll` each second, and as soon as another node has revoked something; called once. */
  followRevocations(poll: () => Promise<void>): void {
    this.#revocations = new Poller({
      everyMs: this.#lookMs,
      step: async () => {
        await poll()
        return false
      },
      report: this.#options.report,
    })
    this.#revocations.start()
  }

  /** Ends what is under way and takes this node's presence away; idempotent. */
  async close(): Promise<void> {
    for (const stop of this.#stops) stop()
    this.#ephemerals.close()
    await Promise.all([this.#orders.close(), this.#revocations?.close(), this.#presence.close()])
  }

  async deliver(target: LiveTarget, contentJson: string): Promise<void> {
    const { local } = this.#options
    await local.deliver(target, contentJson)
    const isHere =
      target.kind === 'connection' && (await local.userOf(target.connection)) !== undefined
    if (!isHere) this.#ephemerals.send(target, contentJson)
  }

  async users(): Promise<string[]> {
    const { local, store } = this.#options
    const [here, elsewhere] = await Promise.all([
      local.users(),
      this.#elsewhere((others) => store.presentUsers(others), []),
    ])
    return [...new Set([...here, ...elsewhere])]
  }

  async userOf(connection: string): Promise<string | undefined> {
    const { local, store } = this.#options
    const here = await local.userOf(connection)
    if (here !== undefined) return here
    return this.#elsewhere((others) => store.presentUserOf({ ...others, connection }), undefined)
  }

  async connections(user: string): Promise<LiveConnection[]> {
    const { local } = this.#options
    const [here, elsewhere] = await Promise.all([
      local.connections(user),
      this.#elsewhere(() => this.#present(user), []),
    ])
    return oldestFirst(here, elsewhere)
  }

  /**
   * As `connections`, for whoever must not take a connection that can't be seen now for one that is not there.
   * @throws PosthornError where the store can't say
   */
  async connectionsForCertain(user: string): Promise<LiveConnection[]> {
    const { local } = this.#options
    const [here, elsewhere] = await Promise.all([local.connections(user), this.#present(user)])
    return oldestFirst(here, elsewhere)
  }

  async newest(limit: number): Promise<{ connections: UsersConnection[]; total: number }> {
    const { local, store } = this.#options
    const nothing = { connections: [], total: 0 }
    const [here, elsewhere] = await Promise.all([
      local.newest(limit),
      this.#elsewhere((others) => store.newestPresent({ ...others, limit }), nothing),
    ])
    const others = notAmong(here.connections, elsewhere.connections)
    const connections = [...here.connections, ...others]
      .toSorted((a, b) => b.connectedAt - a.connectedAt)
      .slice(0, limit)
    return { connections, total: here.total + elsewhere.total }
  }

  /** Resolves when all nodes will do it, whatever happens to the bus; those of this one have ended then. */
  async end(which: LiveSelection, why: LiveEnd): Promise<number> {
    const { local } = this.#options
    const ended = await local.end(which, why)
    const [elsewhere] = await Promise.all([
      this.#elsewhere(() => this.#present(which.user), []),
      this.#orders.give(which, why),
    ])
    return ended + elsewhere.filter((connection) => isMeant(connection, which)).length
  }

  async endRevoked(user: string | undefined): Promise<void> {
    const { local, bus } = this.#options
    await local.endRevoked(user)
    bus.sendJson(REVOCATIONS, 'all', '{}')
  }

  async #present(user: string): Promise<LiveConnection[]> {
    const except = this.#presence.life
    const found = await this.#options.store.presentConnections({ except, user })
    return found.map(({ user: _user, ...connection }) => connection)
  }

  /** What other nodes have, as far as the store can say: without it, nothing. */
  async #elsewhere<Found, Nothing>(
    look: (others: { except: string }) => Promise<Found>,
    nothing: Nothing,
  ): Promise<Found | Nothing> {
    try {
      const found = await look({ except: this.#presence.life })
      this.#isFailing = false
      return found
    } catch (error) {
      if (!this.#isFailing) this.#options.report(error)
      this.#isFailing = true
      return nothing
    }
  }
}

function oldestFirst(
  here: readonly LiveConnection[],
  elsewhere: readonly LiveConnection[],
): LiveConnection[] {
  const others = notAmong(here, elsewhere)
  return [...here, ...others].toSorted((a, b) => a.connectedAt - b.connectedAt)
}

/** Where this node has just begun another life, its own may be told as those of the one before. */
function notAmong<Connection extends LiveConnection>(
  here: readonly LiveConnection[],
  elsewhere: readonly Connection[],
): Connection[] {
  const known = new Set(here.map(({ connection }) => connection))
  return elsewhere.filter(({ connection }) => !known.has(connection))
}

function isMeant(
  { connection, device }: LiveConnection,
  which: Pick<LiveSelection, 'connection' | 'device'>,
): boolean {
  return (
    (which.connection === undefined || which.connection === connection) &&
    (which.device === undefined || which.device === device)
  )
}
