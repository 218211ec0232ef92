import * as z from 'zod/mini'
import type { Clock } from '../inbox/clock.js'
import type { Missed } from '../inbox/wake.js'
import type { Bus, BusFigures, Channel } from './bus.js'
import { bucketOf } from './buckets.js'

/** What the nodes say to each other, by the version of its form: what another version says is only known to be of a kind. */
const VERSION = 1

/** More than what stands around the body of a message takes. */
const ENVELOPE_BYTES = 250

const Envelope = z.object({
  v: z.int(),
  node: z.string().check(z.minLength(1), z.maxLength(64)),
  /** When it was sent, in milliseconds since 1970, by the clock of its node. */
  at: z.number(),
  kind: z.string().check(z.maxLength(64)),
  body: z.unknown(),
})

/** One kind of message: its name, and how its body is parsed. */
export interface Kind<Body> {
  name: string
  body: z.ZodMiniType<Body>
  /** Whether users of its channel must look at the store where a message of it can't be understood. */
  isWake?: boolean
}

/** Where a message comes from. */
export interface Sender {
  node: string
  channel: Channel
  /** When it was sent, in milliseconds since 1970, by the clock of its node. */
  at: number
}

export interface ClusterBusOptions {
  bus: Bus
  /** This node's name, unlike that of any other and of any former process: at most 64 characters. */
  node: string
  clock: Clock
  /** Told where the bus does not get through, once each time, and of what a receiver throws. */
  report: (error: unknown) => void
}

/** What operators are told of it. */
export interface ClusterFigures extends BusFigures {
  /** Messages that could not be understood. */
  rubbish: number
  /** How long the latest message was under way, in milliseconds, as far as the clocks agree; 0 before the first. */
  lagMs: number
}

/** A node's end of the bus: messages by kind, and the users whose messages this node takes. Owns the bus. */
export class ClusterBus {
  readonly node: string
  readonly #bus: Bus
  readonly #clock: Clock
  /** How each message of this node begins. */
  readonly #opening: string
  readonly #receivers = new Map<string, Receiver>()
  readonly #missed = new Set<Missed>()
  /** How many users of a channel are here. */
  readonly #followed = new Map<number, number>()
  #rubbish = 0
  #lagMs = 0

  constructor({ bus, node, clock, report }: ClusterBusOptions) {
    this.node = node
    this.#bus = bus
    this.#clock = clock
    this.#opening = `{"v":${VERSION},"node":${JSON.stringify(node)}`
    bus.start({
      message: (channel, text) => {
        try {
          this.#take(channel, text)
        } catch (error) {
          report(error)
        }
      },
      resumed: (channel) => this.#tellMissed(channel),
      dropped: (channels) => this.#tellDropped(channels),
      interrupted: report,
    })
  }

  /** Most bytes (UTF-8) of a body's JSON. */
  get maxBodyBytes(): number {
    return this.#bus.maxBytes - ENVELOPE_BYTES
  }

  get figures(): ClusterFigures {
    return { ...this.#bus.figures, rubbish: this.#rubbish, lagMs: this.#lagMs }
  }

  /** The channel that whoever has this user listens to. */
  channelOf(user: string): Channel {
    return bucketOf(user) % this.#bus.channels
  }

  /** Sends a message to the other nodes that listen, best effort; false where it is too large, and is not sent. */
  send<Body>(kind: Pick<Kind<Body>, 'name'>, channel: Channel, body: Body): boolean {
    return this.sendJson(kind, channel, JSON.stringify(body))
  }

  /** As `send`, of a body that is JSON already. */
  sendJson({ name }: Pick<Kind<unknown>, 'name'>, channel: Channel, bodyJson: string): boolean {
    if (Buffer.byteLength(bodyJson) > this.maxBodyBytes) return false
    const kind = JSON.stringify(name)
    const text = `${this.#opening},"at":${this.#clock()},"kind":${kind},"body":${bodyJson}}`
    this.#bus.publish(channel, text)
    return true
  }

  /** Takes messages of a kind from other nodes; one receiver for each kind. */
  receive<Body>(kind: Kind<Body>, listener: (body: Body, sender: Sender) => void): () => void {
    const { name, body: schema, isWake = false } = kind
    const take = (body: unknown, sender: Sender): boolean => {
      const parsed = schema.safeParse(body)
      if (parsed.success) listener(parsed.data, sender)
      return parsed.success
    }
    this.#receivers.set(name, { take, isWake })
    return () => this.#receivers.delete(name)
  }

  /** Calls the listener where messages may have been lost, until the function that it returns is called. */
  onMissed(listener: Missed): () => void {
    this.#missed.add(listener)
    return () => this.#missed.delete(listener)
  }

  /** Takes what is said of this user from now on; each is to be followed once. */
  follow(user: string): void {
    const channel = bucketOf(user) % this.#bus.channels
    const count = this.#followed.get(channel) ?? 0
    this.#followed.set(channel, count + 1)
    if (count === 0) this.#bus.listen(channel)
  }

  unfollow(user: string): void {
    const channel = bucketOf(user) % this.#bus.channels
    const left = (this.#followed.get(channel) ?? 0) - 1
    if (left > 0) {
      this.#followed.set(channel, left)
      return
    }
    if (this.#followed.delete(channel)) this.#bus.unlisten(channel)
  }

  /** Ends the bus; idempotent. */
  async close(): Promise<void> {
    this.#receivers.clear()
    this.#missed.clear()
    await this.#bus.close()
  }

  #take(channel: Channel, text: string): void {
    // A bus may bring back what this node has said itself: that isn't worth parsing.
    if (text.startsWith(this.#opening)) return
    const parsed = Envelope.safeParse(jsonOf(text))
    if (!parsed.success) {
      this.#rubbish += 1
      return
    }
    const { v, node, at, kind, body } = parsed.data
    this.#lagMs = Math.max(0, this.#clock() - at)
    if (kind === MISSED) return this.#tellMissed(channel)
    const receiver = this.#receivers.get(kind)
    if (!receiver) return
    if (v === VERSION && receiver.take(body, { node, channel, at })) return
    if (v === VERSION) this.#rubbish += 1
    // What another version tells of its users, the store tells too.
    if (receiver.isWake) this.#tellMissed(channel)
  }

  #tellMissed(channel: Channel | undefined): void {
    const isMeant = (user: string): boolean =>
      channel === undefined || channel === 'all' || this.channelOf(user) === channel
    for (const listener of this.#missed) listener(isMeant)
  }

  /** What this node could not say, the others are to look for. */
  #tellDropped(channels: ReadonlySet<Channel>): void {
    for (const channel of channels) this.sendJson({ name: MISSED }, channel, '{}')
  }
}

/** Says that its node has dropped what was to go out on the channel. */
const MISSED = 'missed'

interface Receiver {
  /** False where it is not understood. */
  take: (body: unknown, sender: Sender) => boolean
  isWake: boolean
}

/** Undefined where it is none. */
function jsonOf(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text)
    return json
  } catch {
    return undefined
  }
}
