import type { Bus, BusEvents, BusFigures, Channel } from '../../src/cluster/bus.js'

/** What is under way to a node. */
interface Underway {
  channel: Channel
  text: string
}

/** The buses of some nodes, which carry what a test lets through, when it does. */
export class MemoryNetwork {
  readonly buses: MemoryBus[] = []

  readonly maxBytes: number

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes
  }

  add(): MemoryBus {
    const bus = new MemoryBus(this)
    this.buses.push(bus)
    return bus
  }
}

export class MemoryBus implements Bus {
  readonly channels = 4
  readonly figures: BusFigures = {
    isConnected: true,
    published: 0,
    received: 0,
    dropped: 0,
    waiting: 0,
  }
  readonly underway: Underway[] = []
  readonly #network: MemoryNetwork
  readonly #wanted = new Set<Channel>(['all'])
  readonly #heard = new Set<Channel>(['all'])
  #dropped: Set<Channel> | undefined
  #isCut = false
  #events: BusEvents | undefined

  constructor(network: MemoryNetwork) {
    this.#network = network
  }

  get maxBytes(): number {
    return this.#network.maxBytes
  }

  start(events: BusEvents): void {
    this.#events = events
  }

  publish(channel: Channel, text: string): void {
    if (Buffer.byteLength(text) > this.maxBytes) throw new Error('the text is too long')
    if (this.#dropped) {
      this.#dropped.add(channel)
      return
    }
    // As a real bus does, it carries to a node what that node has published itself.
    for (const bus of this.#network.buses) bus.#carry({ channel, text })
  }

  listen(channel: number): void {
    this.#wanted.add(channel)
  }

  unlisten(channel: number): void {
    this.#wanted.delete(channel)
    this.#heard.delete(channel)
  }

  close(): Promise<void> {
    this.#events = undefined
    return Promise.resolve()
  }

  /** One of those under way comes; and again later where it is `doubled`. */
  deliver(which: number, { doubled = false } = {}): void {
    const index = which % Math.max(1, this.underway.length)
    const [coming] = doubled ? this.underway.slice(index, index + 1) : this.lose(which)
    if (coming) this.#events?.message(coming.channel, coming.text)
  }

  /** One of those under way never comes. */
  lose(which: number): Underway[] {
    return this.underway.splice(which % Math.max(1, this.underway.length), 1)
  }

  /** The bus hears what it was asked to listen to. */
  confirm(): void {
    if (this.#isCut) return
    for (const channel of this.#wanted) {
      if (this.#heard.has(channel)) continue
      this.#heard.add(channel)
      this.#events?.resumed(channel)
    }
  }

  /** It hears nothing more, and what was under way is lost. */
  cut(): void {
    this.#isCut = true
    this.underway.length = 0
  }

  mend(): void {
    if (!this.#isCut) return
    this.#isCut = false
    for (const channel of this.#wanted) this.#heard.add(channel)
    this.#events?.resumed(undefined)
  }

  /** From now on what it publishes is dropped, as where too much waits. */
  mute(): void {
    this.#dropped ??= new Set()
  }

  unmute(): void {
    const dropped = this.#dropped
    this.#dropped = undefined
    if (dropped && dropped.size > 0) this.#events?.dropped(dropped)
  }

  #carry(text: Underway): void {
    if (!this.#isCut && this.#heard.has(text.channel)) this.underway.push(text)
  }
}
