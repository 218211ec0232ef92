import { Backoff } from './backoff.js'
import type { Channel } from './bus.js'
import { Outbox, type Outgoing } from './outbox.js'

/** Most bytes that go out together. */
const MAX_GROUP_BYTES = 512 * 1024

export interface PostOptions {
  maxBytes: number
  /** Sends a group; it is tried again where that fails, so some of it may come twice. */
  send: (group: readonly Outgoing[]) => Promise<unknown>
  dropped: (channels: ReadonlySet<Channel>) => void
  /** Told once, until a group gets through again. */
  failed: (error: unknown) => void
}

/** Sends what is to go out over a bus, one group after the other: what came while one was under way makes the next. */
export class Post {
  readonly #options: PostOptions
  readonly #outbox = new Outbox()
  readonly #backoff = new Backoff()
  #isSending = false
  #isClosed = false
  #isFailing = false
  #published = 0

  constructor(options: PostOptions) {
    this.#options = options
  }

  get figures(): { published: number; dropped: number; waiting: number } {
    const { dropped, size: waiting } = this.#outbox
    return { published: this.#published, dropped, waiting }
  }

  /** Whether what was sent last did not get through. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  publish(channel: Channel, text: string): void {
    if (this.#isClosed) return
    const bytes = Buffer.byteLength(text)
    if (bytes > this.#options.maxBytes) this.#outbox.drop({ channel, text, bytes })
    else this.#outbox.put(channel, text)
    this.flush()
  }

  /** Sends what waits, where nothing is under way. */
  flush(): void {
    if (this.#isSending || this.#isClosed) return
    this.#sendAll().catch((error: unknown) => {
      if (!this.#isFailing) this.#options.failed(error)
      this.#isFailing = true
      if (!this.#isClosed) this.#backoff.later(() => this.flush())
    })
  }

  /** Sends nothing more; idempotent. */
  close(): void {
    this.#isClosed = true
    this.#backoff.stop()
    this.#outbox.clear()
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true
    try {
      while (this.#outbox.size > 0 && !this.#isClosed) await this.#sendGroup()
    } finally {
      // In the same turn as the last look into the outbox: what comes after it would wait for what comes next.
      this.#isSending = false
    }
  }

  async #sendGroup(): Promise<void> {
    const group = this.#outbox.take(MAX_GROUP_BYTES)
    try {
      await this.#options.send(group)
    } catch (error) {
      this.#outbox.giveBack(group)
      throw error
    }
    this.#backoff.succeeded()
    this.#isFailing = false
    this.#published += group.length
    // What says so goes out over the same bus, so it waited until that can be heard.
    const dropped = this.#outbox.takeDropped()
    if (dropped.size > 0) this.#options.dropped(dropped)
  }
}
