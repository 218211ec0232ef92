import type { DeliveryOfUser, Overview, Recalled } from './answers.js'
import { sendBatch, type BatchOutcome, type SendingOfBatch } from './batch.js'
import type { Environment } from './environment.js'
import {
  deliveries,
  recall,
  send,
  status,
  type Sending,
  type SendOptions,
  type Sent,
} from './notifications.js'
import { settingsOf, type ClientOptions } from './options.js'
import { Topics } from './topics.js'
import { Transport, type CallOptions } from './transport.js'
import { Users } from './users.js'

/**
 * Sends notifications, and does what else a service may. Requests are tried again after network faults, 429 and 5xx, at most
 * `maxAttempts` times within `timeoutMs`, with waits of full jitter, on top of what `Retry-After` asks; those that can't be made
 * twice are not, and no other 4xx is. Whatever fails is a `PosthornClientError`, or the reason of the call's `signal`.
 */
export class PosthornClient {
  readonly #transport: Transport
  /** Who is subscribed to which topic: scope `posthorn:topics`. */
  readonly topics: Topics
  /** Users' inboxes, devices, connections and tokens: scope `posthorn:users`. */
  readonly users: Users

  /** Use `createClient`. */
  constructor(transport: Transport) {
    this.#transport = transport
    this.topics = new Topics(transport)
    this.users = new Users(transport)
  }

  /**
   * Sends one notification, once: it always has an idempotency key, which holds over all tries. Scope `posthorn:send`, and
   * `posthorn:broadcast` for everyone.
   */
  send(sending: Sending, options?: SendOptions): Promise<Sent> {
    return send(this.#transport, sending, options)
  }

  /**
   * Sends many, each answered for itself, in their order. More than 500, or 4 MiB, go in several requests, one after the other.
   * Each item has an idempotency key, its own or one of this call; those that met a fault of the service are sent again. Where a
   * request fails as a whole the rest is not sent: `results` tells the error for each item. Scope `posthorn:send`.
   * @throws PosthornClientError where the service answered for no item at all
   */
  sendBatch(items: readonly SendingOfBatch[], options?: CallOptions): Promise<BatchOutcome> {
    return sendBatch(this.#transport, items, options)
  }

  /**
   * Takes a notification back that this service sent: a scheduled one never comes, a stored one leaves every inbox. Again it
   * answers the same, so it is tried again after faults. Scope `posthorn:send`.
   */
  recall(id: string, options?: CallOptions): Promise<Recalled> {
    return recall(this.#transport, id, options)
  }

  /** The notification, and what became of it as a whole. Scope `posthorn:read`. */
  status(id: string, options?: CallOptions): Promise<Overview> {
    return status(this.#transport, id, options)
  }

  /** What became of it for each user and device, asked for page by page. Scope `posthorn:read`. */
  deliveries(id: string, options?: CallOptions): AsyncGenerator<DeliveryOfUser, void, undefined> {
    return deliveries(this.#transport, id, options)
  }
}

/**
 * A client of one service, with one token. It holds nothing open: there is nothing to close.
 * @param environment what it takes from where it runs; tests give their own
 * @throws PosthornArgumentError for options that can't be meant
 */
export function createClient(options: ClientOptions, environment?: Environment): PosthornClient {
  return new PosthornClient(new Transport(settingsOf(options, environment)))
}
