import { Backoff } from './backoff.js'
import type { Bus, BusEvents, BusFigures, Channel } from './bus.js'
import type { Outgoing } from './outbox.js'
import { Post } from './post.js'
import { openLink, type RedisLink } from './redis-link.js'

export interface RedisBusOptions {
  /** `redis://` or `rediss://` (TLS), with user and password where there are some. */
  url: string
  /** What the names of its channels begin with. Default: `posthorn`. */
  prefix?: string
  /** How long an answer may take, and how often a connection is asked whether it lives, in milliseconds. Default: 5 s. */
  patienceMs?: number
}

/**
 * The bus over the pub/sub of Redis or Valkey. A node subscribes to the channels of its users, so it hears little that is not
 * for it. When the server goes, everything is begun anew; what is heard again is told by `resumed`.
 */
export class RedisBus implements Bus {
  readonly channels = 256
  /** 256 KiB: far below what a server takes, and too little to hold up what comes after it. */
  readonly maxBytes = 256 * 1024
  readonly #url: string
  readonly #prefix: string
  readonly #patienceMs: number
  readonly #post: Post
  readonly #backoff = new Backoff()
  readonly #wanted = new Set<Channel>(['all'])
  readonly #heard = new Set<Channel>()
  #events: BusEvents | undefined
  #link: RedisLink | undefined
  #opening: Promise<void> = Promise.resolve()
  #received = 0
  #isClosed = false
  #isInterrupted = false

  constructor({ url, prefix = 'posthorn', patienceMs = 5_000 }: RedisBusOptions) {
    this.#patienceMs = patienceMs
    this.#url = url
    this.#prefix = prefix
    this.#post = new Post({
      maxBytes: this.maxBytes,
      send: (group) => this.#send(group),
      dropped: (channels) => this.#events?.dropped(channels),
      failed: (error) => this.#events?.interrupted(error),
    })
  }

  get figures(): BusFigures {
    const hears = this.#heard.size === this.#wanted.size && !this.#isInterrupted
    const isConnected = this.#link !== undefined && hears && !this.#post.isFailing
    return { isConnected, received: this.#received, ...this.#post.figures }
  }

  start(events: BusEvents): void {
    this.#events = events
    this.#begin()
  }

  publish(channel: Channel, text: string): void {
    this.#post.publish(channel, text)
  }

  listen(channel: number): void {
    this.#wanted.add(channel)
    if (this.#link) this.#subscribe(this.#link, channel)
  }

  unlisten(channel: number): void {
    this.#wanted.delete(channel)
    this.#heard.delete(channel)
    const link = this.#link
    link?.unsubscribe(this.#nameOf(channel)).catch((error: unknown) => this.#broke(link, error))
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#events = undefined
    this.#backoff.stop()
    this.#post.close()
    this.#link?.close()
    this.#link = undefined
    await this.#opening
  }

  #begin(): void {
    this.#opening = this.#open().catch((error: unknown) => {
      this.#interrupted(error)
      if (!this.#isClosed) this.#backoff.later(() => this.#begin())
    })
  }

  async #open(): Promise<void> {
    let isBroken = false
    let link: RedisLink | undefined
    const opened = await openLink({
      url: this.#url,
      patienceMs: this.#patienceMs,
      message: (name, text) => this.#hear(name, text),
      interrupted: (error) => this.#interrupted(error),
      resumed: () => {
        this.#isInterrupted = false
        if (link) this.#events?.resumed(undefined)
      },
      broken: (error) => {
        isBroken = true
        if (link) this.#broke(link, error)
      },
    })
    if (this.#isClosed) return opened.close()
    if (isBroken) {
      opened.close()
      throw new Error('the connection broke when it was made')
    }
    link = opened
    this.#link = link
    this.#isInterrupted = false
    this.#backoff.succeeded()
    for (const channel of this.#wanted) this.#subscribe(link, channel)
    this.#post.flush()
  }

  #subscribe(link: RedisLink, channel: Channel): void {
    link
      .subscribe(this.#nameOf(channel))
      .then(() => {
        if (this.#link !== link || !this.#wanted.has(channel)) return
        this.#heard.add(channel)
        // What was published before is not heard by anyone here.
        this.#events?.resumed(channel)
      })
      .catch((error: unknown) => this.#broke(link, error))
  }

  /** A link that has failed in one thing is given up as a whole. */
  #broke(link: RedisLink, error: unknown): void {
    if (this.#link !== link) return
    this.#link = undefined
    this.#heard.clear()
    link.close()
    this.#interrupted(error)
    this.#backoff.later(() => this.#begin())
  }

  async #send(group: readonly Outgoing[]): Promise<void> {
    const link = this.#link
    if (!link) throw new Error('there is no connection to publish on')
    const sent = group.map(({ channel, text }) => link.publish(this.#nameOf(channel), text))
    await Promise.all(sent)
  }

  #hear(name: string, text: string): void {
    this.#received += 1
    const channel = name.slice(this.#prefix.length + 1)
    this.#events?.message(channel === 'all' ? 'all' : Number(channel), text)
  }

  #nameOf(channel: Channel): string {
    return `${this.#prefix}:${channel}`
  }

  #interrupted(error: unknown): void {
    if (this.#isInterrupted) return
    this.#isInterrupted = true
    this.#events?.interrupted(error)
  }
}
