import type { Channel } from './bus.js'

/** Most bytes that wait while the bus is away: some 4 MiB. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

export interface Outgoing {
  channel: Channel
  text: string
  bytes: number
}

/** What is to go out over a bus. Bounded: the oldest gives way, and is remembered by its channel. */
export class Outbox {
  readonly #maxBytes: number
  #texts: Outgoing[] = []
  #bytes = 0
  #dropped = 0
  #droppedFrom = new Set<Channel>()

  constructor(maxBytes = MAX_WAITING_BYTES) {
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#texts.length
  }

  /** How many gave way in all. */
  get dropped(): number {
    return this.#dropped
  }

  put(channel: Channel, text: string): void {
    const bytes = Buffer.byteLength(text)
    this.#texts.push({ channel, text, bytes })
    this.#bytes += bytes
    this.#makeRoom()
  }

  /** The oldest ones, of at most so many bytes together, and at least one. */
  take(maxBytes: number): Outgoing[] {
    let bytes = 0
    const tooMany = this.#texts.findIndex((text, index) => {
      bytes += text.bytes
      return index > 0 && bytes > maxBytes
    })
    const taken = this.#texts.splice(0, tooMany === -1 ? this.#texts.length : tooMany)
    for (const text of taken) this.#bytes -= text.bytes
    return taken
  }

  /** What did not get through, to be tried again before all others. */
  giveBack(taken: readonly Outgoing[]): void {
    this.#texts = [...taken, ...this.#texts]
    for (const text of taken) this.#bytes += text.bytes
    this.#makeRoom()
  }

  /** The text can't be sent, now or later. */
  drop({ channel }: Outgoing): void {
    this.#dropped += 1
    this.#droppedFrom.add(channel)
  }

  /** The channels of what was dropped since this was asked last. */
  takeDropped(): ReadonlySet<Channel> {
    const channels = this.#droppedFrom
    if (channels.size > 0) this.#droppedFrom = new Set()
    return channels
  }

  clear(): void {
    this.#texts = []
    this.#bytes = 0
  }

  /** Makes more room than is needed, so that a full outbox is not moved for each text. */
  #makeRoom(): void {
    if (this.#bytes <= this.#maxBytes) return
    const isEnough = (): boolean => this.#bytes <= this.#maxBytes * 0.75
    let gone = 0
    for (const text of this.#texts) {
      if (isEnough()) break
      gone += 1
      this.#bytes -= text.bytes
      this.drop(text)
    }
    this.#texts.splice(0, gone)
  }
}
