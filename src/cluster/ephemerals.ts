import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import type { LiveConnections, LiveTarget } from '../inbox/live.js'
import type { Channel } from './bus.js'
import type { ClusterBus, Kind } from './cluster-bus.js'
import { inParts, Parcels, Part } from './parcels.js'

/** Users whom one message names. */
const USERS = 1_000

/** Messages that are known to have come, so that a bus that doubles them reaches nobody twice. */
const REMEMBERED = 4_096

const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('users'), users: z.array(z.string()) }),
  z.object({ kind: z.literal('device'), user: z.string(), device: z.string() }),
  z.object({ kind: z.literal('connection'), connection: z.string() }),
  z.object({ kind: z.literal('everyone') }),
])

const Ephemeral = z.object({
  id: z.string().check(z.maxLength(64)),
  to: Target,
  /** The notification's JSON. */
  content: z.string(),
})
type Ephemeral = z.infer<typeof Ephemeral>

const EPHEMERAL: Kind<Ephemeral> = { name: 'ephemeral', body: Ephemeral }
const PART: Kind<Part> = { name: 'ephemeral_part', body: Part }

export interface EphemeralsOptions {
  bus: Pick<ClusterBus, 'channelOf' | 'maxBodyBytes' | 'sendJson' | 'receive'>
  local: Pick<LiveConnections, 'deliver'>
  report: (error: unknown) => void
}

/** What is in no log, between the nodes: best effort, and to nobody twice. */
export class Ephemerals {
  readonly #options: EphemeralsOptions
  readonly #parcels = new Parcels()
  readonly #come = new Set<string>()
  readonly #stops: readonly (() => void)[]
  /** Unlike those of other nodes. */
  readonly #prefix = randomBytes(9).toString('base64url')
  #sent = 0

  constructor(options: EphemeralsOptions) {
    this.#options = options
    const { bus } = options
    this.#stops = [
      bus.receive(EPHEMERAL, (ephemeral) => this.#take(ephemeral)),
      bus.receive(PART, (part) => this.#takePart(part)),
    ]
  }

  /** Hands it to the other nodes whose connections it may be for. */
  send(target: LiveTarget, content: string): void {
    switch (target.kind) {
      case 'users':
        return this.#sendToUsers(target.users, content)
      case 'device':
        return this.#send(this.#options.bus.channelOf(target.user), target, content)
      // Nobody can tell by its name whose it is.
      case 'connection':
      case 'everyone':
        return this.#send('all', target, content)
    }
  }

  close(): void {
    for (const stop of this.#stops) stop()
  }

  #sendToUsers(users: readonly string[], content: string): void {
    const byChannel = new Map<Channel, string[]>()
    for (const user of users) {
      const channel = this.#options.bus.channelOf(user)
      const neighbours = byChannel.get(channel)
      if (neighbours) neighbours.push(user)
      else byChannel.set(channel, [user])
    }
    for (const [channel, meant] of byChannel) {
      for (let from = 0; from < meant.length; from += USERS) {
        this.#send(channel, { kind: 'users', users: meant.slice(from, from + USERS) }, content)
      }
    }
  }

  #send(channel: Channel, to: LiveTarget, content: string): void {
    const { bus } = this.#options
    this.#sent += 1
    const id = `${this.#prefix}${this.#sent}`
    const json = JSON.stringify({ id, to, content })
    if (bus.sendJson(EPHEMERAL, channel, json)) return
    for (const part of inParts(id, json, bus.maxBodyBytes)) {
      bus.sendJson(PART, channel, JSON.stringify(part))
    }
  }

  #takePart(part: Part): void {
    if (this.#come.has(part.id)) return
    const text = this.#parcels.take(part)
    if (text === undefined) return
    const ephemeral = Ephemeral.safeParse(jsonOf(text))
    if (ephemeral.success) this.#take(ephemeral.data)
  }

  #take({ id, to, content }: Ephemeral): void {
    if (this.#come.has(id)) return
    this.#come.add(id)
    if (this.#come.size > REMEMBERED) this.#forgetOldest()
    const { local, report } = this.#options
    local.deliver(to, content).catch(report)
  }

  #forgetOldest(): void {
    for (const id of this.#come) {
      this.#come.delete(id)
      return
    }
  }
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
