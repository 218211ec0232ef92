import type * as z from 'zod/mini'
import {
  SubscriberList,
  SubscribersResult,
  TopicList,
  type SubscribersRequest,
} from '../protocol/topics.js'
import { json, noContent } from './exchange.js'
import { itemsOf, PAGE_SIZE } from './pages.js'
import { pathOf } from './path.js'
import type { CallOptions, Transport } from './transport.js'

export type Subscriber = SubscriberList['items'][number]
export type Subscription = TopicList['items'][number]

/** Who is subscribed to which topic: scope `posthorn:topics`. */
export class Topics {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Subscribes a user, who need not be known yet. Tried again after faults: who is subscribed stays so. */
  async subscribe(topic: string, user: string, options?: CallOptions): Promise<void> {
    return this.#transport.call(
      { method: 'PUT', path: subscriberPath(topic, user), read: noContent, repeatable: true },
      options,
    )
  }

  /** Ends a subscription, where there is one. Tried again after faults: who is not subscribed stays so. */
  async unsubscribe(topic: string, user: string, options?: CallOptions): Promise<void> {
    return this.#transport.call(
      { method: 'DELETE', path: subscriberPath(topic, user), read: noContent, repeatable: true },
      options,
    )
  }

  /**
   * Subscribes some users and ends the subscriptions of others, at most 1,000 together. Tried again after faults: it says how things
   * are to be, so a second time changes nothing; the answer then counts only what the first had not changed.
   */
  async changeSubscribers(
    topic: string,
    change: z.input<typeof SubscribersRequest>,
    options?: CallOptions,
  ): Promise<SubscribersResult> {
    const path = pathOf(['topics', topic, 'subscribers'])
    const body = JSON.stringify(change)
    const read = json(SubscribersResult)
    return this.#transport.call({ method: 'POST', path, body, read, repeatable: true }, options)
  }

  /** All subscribers of a topic, asked for page by page. */
  subscribers(topic: string, options?: CallOptions): AsyncGenerator<Subscriber, void, undefined> {
    return itemsOf((page) => {
      const path = pathOf(['topics', topic, 'subscribers'], { limit: PAGE_SIZE, page })
      const read = json(SubscriberList)
      return this.#transport.call({ method: 'GET', path, read, repeatable: true }, options)
    })
  }

  /** All topics of a user, asked for page by page. */
  topicsOf(user: string, options?: CallOptions): AsyncGenerator<Subscription, void, undefined> {
    return itemsOf((page) => {
      const path = pathOf(['users', user, 'topics'], { limit: PAGE_SIZE, page })
      const read = json(TopicList)
      return this.#transport.call({ method: 'GET', path, read, repeatable: true }, options)
    })
  }
}

function subscriberPath(topic: string, user: string): string {
  return pathOf(['topics', topic, 'subscribers', user])
}
