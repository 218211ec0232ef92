import type { Clock } from '../inbox/clock.js'
import { InProcessWake, type LogMove, type Missed, type Wake } from '../inbox/wake.js'
import { bucketOf } from './buckets.js'
import type { Channel } from './bus.js'
import type { ClusterBus, Kind, Sender } from './cluster-bus.js'
import { readMoves, WakeMessage, writeMoves } from './wake-message.js'

/** What is published within this time goes over the bus together: 5 milliseconds. */
const GATHER_MS = 5

/** With so many moves it goes at once. */
const MAX_GATHERED = 5_000

/**
 * Older messages only say where to look: a log may have begun another life since, in which the same `seq` is another entry.
 * 10 seconds, by the clocks of two nodes.
 */
const MAX_CONTENT_AGE_MS = 10_000

const WAKE: Kind<WakeMessage> = { name: 'wake', body: WakeMessage, isWake: true }

/** The wake of several nodes: at once for those who listen here, over the bus for the others. It does not own the bus. */
export class ClusterWake implements Wake {
  readonly #local = new InProcessWake()
  readonly #cluster: ClusterBus
  readonly #clock: Clock
  readonly #missed = new Set<Missed>()
  readonly #stops: (() => void)[]
  #gathered: LogMove[] = []
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor({ cluster, clock }: { cluster: ClusterBus; clock: Clock }) {
    this.#cluster = cluster
    this.#clock = clock
    this.#stops = [
      cluster.receive(WAKE, (message, sender) => this.#take(message, sender)),
      cluster.onMissed((isMeant) => this.#tellMissed(isMeant)),
    ]
  }

  publish(moves: readonly LogMove[]): void {
    this.#local.publish(moves)
    if (this.#isClosed) return
    for (const move of moves) this.#gathered.push(move)
    if (this.#gathered.length >= MAX_GATHERED) this.#send()
    else if (this.#gathered.length > 0) this.#timer ??= setTimeout(() => this.#send(), GATHER_MS)
  }

  subscribe(listener: (move: LogMove) => void, missed?: Missed): () => void {
    const unsubscribe = this.#local.subscribe(listener)
    if (missed) this.#missed.add(missed)
    return () => {
      unsubscribe()
      if (missed) this.#missed.delete(missed)
    }
  }

  follow(user: string): void {
    this.#cluster.follow(user)
  }

  unfollow(user: string): void {
    this.#cluster.unfollow(user)
  }

  /** Hands over what was gathered, and takes nothing more; idempotent. */
  close(): void {
    this.#send()
    this.#isClosed = true
    for (const stop of this.#stops) stop()
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const byChannel = new Map<Channel, LogMove[]>()
    for (const move of this.#gathered) {
      const channel = this.#cluster.channelOf(move.user)
      const moves = byChannel.get(channel)
      if (moves) moves.push(move)
      else byChannel.set(channel, [move])
    }
    this.#gathered = []
    for (const [channel, moves] of byChannel) {
      for (const json of writeMoves(moves, this.#cluster.maxBodyBytes)) {
        this.#cluster.sendJson(WAKE, channel, json)
      }
    }
  }

  #take(message: WakeMessage, { at }: Sender): void {
    const isOld = Math.abs(this.#clock() - at) > MAX_CONTENT_AGE_MS
    const moves = readMoves(message)
    this.#local.publish(isOld ? moves.map(withoutChange) : moves)
    if (message.buckets.length === 0) return
    const buckets = new Set(message.buckets)
    this.#tellMissed((user) => buckets.has(bucketOf(user)))
  }

  #tellMissed(isMeant: (user: string) => boolean): void {
    for (const missed of this.#missed) missed(isMeant)
  }
}

function withoutChange({ user, seq, change }: LogMove): LogMove {
  return { user, seq, change: change?.kind === 'counts' ? change : undefined }
}
