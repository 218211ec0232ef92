import * as z from 'zod/mini'
import type { LiveConnections, LiveEnd, LiveSelection } from '../inbox/live.js'
import type { OrderStore } from '../inbox/stores/cluster.js'
import { ERRORS, PosthornError, type ErrorCode } from '../protocol/errors.js'
import { Poller } from './poller.js'

/** How long orders are kept, in milliseconds: 1 hour. */
const KEPT_MS = 60 * 60 * 1000

/** A node that was away for longer may have missed some: a minute is left for clocks, and for who forgets. */
const AWAY_MS = KEPT_MS - 60_000

const FORGET_EVERY_MS = 60_000

/** Orders that one read takes, or one write gives or forgets. */
const BATCH = 500

/** Orders that may wait to be given. */
const MAX_WAITING = 10_000

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

const Order = z.object({
  which: z.object({
    user: z.string(),
    device: z.optional(z.string()),
    connection: z.optional(z.string()),
    epoch: z.optional(z.string()),
  }),
  why: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('reconnect') }),
    z.object({ kind: z.literal('error'), code: z.string(), detail: z.string() }),
  ]),
})

interface Waiting {
  content: string
  given: () => void
  failed: (error: unknown) => void
}

export interface OrdersOptions {
  store: OrderStore
  /** This node's name, unlike that of any other and of any former process. */
  node: string
  local: Pick<LiveConnections, 'end' | 'users'>
  /** Tells the other nodes that there is an order. */
  wake: () => void
  report: (error: unknown) => void
  everyMs: number
}

/**
 * Which connections are to end on every node: on disk when it is given, then done by the others when they are woken, or next look.
 * What is given while one write runs goes into the next.
 */
export class Orders {
  readonly #options: OrdersOptions
  readonly #poller: Poller
  readonly #forgetter: Poller
  #waiting: Waiting[] = []
  #giving: Promise<void> | undefined
  #last = 0
  #lookedAt: number | undefined

  constructor(options: OrdersOptions) {
    const { store, report, everyMs } = options
    this.#options = options
    this.#poller = new Poller({ everyMs, step: () => this.#look(), report })
    this.#forgetter = new Poller({
      everyMs: FORGET_EVERY_MS,
      step: async () => (await store.forgetOrders({ olderThanMs: KEPT_MS, limit: BATCH })).more,
      report,
    })
  }

  /** Begins with the orders that come from now on: no connection of this node may be older. */
  async start(): Promise<void> {
    this.#last = await this.#options.store.lastOrder()
    this.#poller.start()
    this.#forgetter.start()
  }

  /** An order may have come. */
  hurry(): void {
    this.#poller.hurry()
  }

  /** Resolves when the order is on disk. */
  give(which: LiveSelection, why: LiveEnd): Promise<void> {
    if (this.#waiting.length >= MAX_WAITING) {
      const detail = 'More disconnects wait for the database than may: try again in a moment.'
      return Promise.reject(new PosthornError('overloaded', detail))
    }
    return new Promise((given, failed) => {
      this.#waiting.push({ content: JSON.stringify({ which, why }), given, failed })
      this.#giving ??= this.#give().finally(() => (this.#giving = undefined))
    })
  }

  /** Ends what is under way; idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#poller.close(), this.#forgetter.close(), this.#giving])
  }

  async #give(): Promise<void> {
    const { store, node, wake } = this.#options
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, BATCH)
      try {
        await store.giveOrders(batch.map(({ content }) => ({ node, content })))
        for (const { given } of batch) given()
        wake()
      } catch (error) {
        for (const { failed } of batch) failed(error)
      }
    }
  }

  async #look(): Promise<boolean> {
    const { store, node } = this.#options
    const page = await store.ordersAfter({ after: this.#last, node, limit: BATCH })
    if (this.#lookedAt !== undefined && page.at - this.#lookedAt > AWAY_MS) await this.#sendAway()
    for (const { content, ageMs } of page.orders) await this.#obey(content, ageMs)
    this.#last = page.last
    this.#lookedAt = page.at
    return page.more
  }

  /** One of a newer version, which this one doesn't understand, is passed over. */
  async #obey(content: string, ageMs: number): Promise<void> {
    const order = Order.safeParse(JSON.parse(content))
    if (!order.success) return
    const { which, why } = order.data
    const { local } = this.#options
    // What has joined since the order was given is not meant: a device that was removed and came again, say. The way of the answer
    // counts as before it: one that is ended too many connects again, one too few would live on.
    const meant = { ...which, joinedMsAgo: ageMs }
    if (why.kind === 'reconnect') await local.end(meant, why)
    else if (isErrorCode(why.code)) await local.end(meant, { ...why, code: why.code })
  }

  /** Orders may be forgotten that were meant for this node: whoever may still connect does it anew. */
  async #sendAway(): Promise<void> {
    const { local } = this.#options
    for (const user of await local.users()) await local.end({ user }, { kind: 'reconnect' })
  }
}
