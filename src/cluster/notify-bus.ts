import type { Bus, BusEvents, BusFigures, Channel } from './bus.js'
import { KeptClient } from './kept-client.js'
import type { Outgoing } from './outbox.js'
import { Post } from './post.js'

/** All nodes on one database hear this. */
const NAME = 'posthorn'

/** In one statement and one transaction, so that the lock which a commit with NOTIFY takes is taken once. */
const NOTIFY = 'SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text'

export interface NotifyBusOptions {
  /** A database of PostgreSQL, reached without a transaction pooler. */
  url: string
  /** How long an answer may take, and how often a connection is asked whether it lives, in milliseconds. Default: 5 s. */
  patienceMs?: number
}

/**
 * The bus over PostgreSQL's LISTEN and NOTIFY, on two connections of its own, which must not go through a transaction pooler.
 * The server hands each text to all who listen, so there is one channel, and each node hears everything.
 */
export class NotifyBus implements Bus {
  readonly channels = 1
  /** https://www.postgresql.org/docs/15/sql-notify.html: shorter than 8,000 bytes. */
  readonly maxBytes = 7_999
  readonly #listener: KeptClient
  readonly #speaker: KeptClient
  readonly #post: Post
  #events: BusEvents | undefined
  #received = 0
  #isInterrupted = false

  constructor({ url, patienceMs = 5_000 }: NotifyBusOptions) {
    const lost = (error: unknown): void => this.#interrupted(error)
    this.#listener = new KeptClient({
      url,
      patienceMs,
      prepare: (client) => {
        client.on('notification', ({ payload = '' }) => {
          this.#received += 1
          this.#events?.message('all', payload)
        })
        return client.query(`LISTEN ${NAME}`)
      },
      ready: () => {
        this.#mended()
        this.#events?.resumed(undefined)
      },
      lost,
    })
    this.#post = new Post({
      maxBytes: this.maxBytes,
      send: (group) => this.#send(group),
      dropped: (channels) => this.#events?.dropped(channels),
      failed: (error) => this.#events?.interrupted(error),
    })
    this.#speaker = new KeptClient({
      url,
      patienceMs,
      prepare: () => Promise.resolve(),
      ready: () => {
        this.#mended()
        this.#post.flush()
      },
      lost,
    })
  }

  get figures(): BusFigures {
    const isConnected = this.#isWhole && !this.#post.isFailing
    return { isConnected, received: this.#received, ...this.#post.figures }
  }

  start(events: BusEvents): void {
    this.#events = events
    this.#listener.start()
    this.#speaker.start()
  }

  publish(channel: Channel, text: string): void {
    this.#post.publish(channel, text)
  }

  /** It hears everything. */
  listen(): void {}

  unlisten(): void {}

  async close(): Promise<void> {
    this.#events = undefined
    this.#post.close()
    await Promise.all([this.#listener.close(), this.#speaker.close()])
  }

  async #send(group: readonly Outgoing[]): Promise<void> {
    const { client } = this.#speaker
    if (!client) throw new Error('there is no connection to notify on')
    try {
      await client.query(NOTIFY, [NAME, group.map(({ text }) => text)])
    } catch (error) {
      this.#speaker.breakOff(client, error)
      throw error
    }
  }

  get #isWhole(): boolean {
    return this.#listener.client !== undefined && this.#speaker.client !== undefined
  }

  /** The next loss is told of again once both connections are there. */
  #mended(): void {
    if (this.#isWhole) this.#isInterrupted = false
  }

  #interrupted(error: unknown): void {
    if (this.#isInterrupted) return
    this.#isInterrupted = true
    this.#events?.interrupted(error)
  }
}
