import type * as z from 'zod/mini'
import {
  ConnectionList,
  DisconnectResult,
  type Connection,
  type DisconnectRequest,
} from '../protocol/connections.js'
import { DeviceList, type Device } from '../protocol/devices.js'
import { InboxCounts, type InboxFilter } from '../protocol/inbox.js'
import { MarkResult, type Mark } from '../protocol/mark.js'
import type { RevocationRequest } from '../protocol/revocation.js'
import { InboxPage } from './answers.js'
import { PosthornApiError, PosthornArgumentError } from './errors.js'
import { json, noContent } from './exchange.js'
import { itemsOf, PAGE_SIZE } from './pages.js'
import { pathOf } from './path.js'
import type { CallOptions, Transport } from './transport.js'

export interface InboxOptions extends CallOptions {
  /** Which entries; without one, all that is not archived. */
  filter?: InboxFilter | undefined
  /** Of one type. */
  type?: string | undefined
  /** Most entries of the page: 1–100, default 50. */
  limit?: number | undefined
  /** The `nextPage` of the page before. */
  page?: string | undefined
}

/** A `Date`, a time as RFC 3339 writes it, or seconds since 1970, as a token's claims tell it. */
export type Moment = Date | string | number

/** Users' inboxes, devices, connections and tokens: scope `posthorn:users`. */
export class Users {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** A page of the inbox, newest first, with the counts and the epoch as of then. */
  async inbox(
    user: string,
    { signal, filter, type, limit, page }: InboxOptions = {},
  ): Promise<InboxPage> {
    const path = pathOf(['users', user, 'inbox'], { filter, type, limit, page })
    return this.#transport.call(
      { method: 'GET', path, read: json(InboxPage), repeatable: true },
      { signal },
    )
  }

  async counts(user: string, options?: CallOptions): Promise<InboxCounts> {
    const path = pathOf(['users', user, 'inbox', 'counts'])
    return this.#transport.call(
      { method: 'GET', path, read: json(InboxCounts), repeatable: true },
      options,
    )
  }

  /**
   * Marks entries: up to 500 by their ids, or all that arrived up to a `seq`. Tried again after faults: both forms name the same
   * entries a second time (what arrives, or is replaced, meanwhile stands above `upTo`), and what is marked already changes no
   * more; the answer's `updated` then counts only what the first try had not changed.
   */
  async mark(user: string, mark: Mark, options?: CallOptions): Promise<MarkResult> {
    const path = pathOf(['users', user, 'inbox', 'mark'])
    const body = JSON.stringify(mark)
    const read = json(MarkResult)
    return this.#transport.call({ method: 'POST', path, body, read, repeatable: true }, options)
  }

  /** All devices of a user, asked for page by page. */
  devices(user: string, options?: CallOptions): AsyncGenerator<Device, void, undefined> {
    return itemsOf((page) => {
      const path = pathOf(['users', user, 'devices'], { limit: PAGE_SIZE, page })
      const read = json(DeviceList)
      return this.#transport.call({ method: 'GET', path, read, repeatable: true }, options)
    })
  }

  /**
   * Removes a device: its cursor is forgotten, its connections end (4410). Tried again after faults: a device that is not found
   * after a try whose answer was lost was removed by that one.
   * @throws PosthornApiError `not_found` where the user has no such device
   */
  async removeDevice(user: string, device: string, options?: CallOptions): Promise<void> {
    const path = pathOf(['users', user, 'devices', device])
    try {
      await this.#transport.call(
        { method: 'DELETE', path, read: noContent, repeatable: true },
        options,
      )
    } catch (error) {
      const removed = error instanceof PosthornApiError && error.code === 'not_found'
      if (!removed || error.attempts === 1) throw error
    }
  }

  /** All live connections of a user, the oldest first. */
  connections(user: string, options?: CallOptions): AsyncGenerator<Connection, void, undefined> {
    return itemsOf((page) => {
      const path = pathOf(['users', user, 'connections'], { limit: PAGE_SIZE, page })
      const read = json(ConnectionList)
      return this.#transport.call({ method: 'GET', path, read, repeatable: true }, options)
    })
  }

  /**
   * Ends connections: all of the user's, or those that are named. Never tried again by itself: a second time it would end those
   * that have come back meanwhile.
   */
  async disconnect(
    user: string,
    which: z.input<typeof DisconnectRequest> = {},
    options?: CallOptions,
  ): Promise<DisconnectResult> {
    const path = pathOf(['users', user, 'disconnect'])
    const body = JSON.stringify(which)
    const read = json(DisconnectResult)
    return this.#transport.call({ method: 'POST', path, body, read, repeatable: false }, options)
  }

  /**
   * Erases a user with all that is theirs; answers when nothing is left, which takes a while where there is much. Tried again after
   * faults and timeouts: who is erased stays so, and what was begun goes on by itself.
   */
  async erase(user: string, options?: CallOptions): Promise<void> {
    return this.#transport.call(
      { method: 'DELETE', path: pathOf(['users', user]), read: noContent, repeatable: true },
      options,
    )
  }

  /**
   * Takes back all tokens of a user that were issued before a time, at most a day ahead, and those that don't say when they were;
   * the sockets that live on them end (4403). It is kept for good, also where the user is erased. Tried again after faults: what
   * is revoked stays so.
   */
  async revoke(
    user: string,
    { issuedBefore }: { issuedBefore: Moment },
    options?: CallOptions,
  ): Promise<void> {
    return this.#revoke({ user, issuedBefore: written(issuedBefore) }, options)
  }

  /** Takes back one token by its `jti`; `exp` is the token's own. As `revoke` otherwise. */
  async revokeToken(
    { jti, exp }: { jti: string; exp: Moment },
    options?: CallOptions,
  ): Promise<void> {
    return this.#revoke({ jti, exp: written(exp) }, options)
  }

  #revoke(revocation: RevocationRequest, options: CallOptions | undefined): Promise<void> {
    const path = pathOf(['revocations'])
    const body = JSON.stringify(revocation)
    return this.#transport.call(
      { method: 'POST', path, body, read: noContent, repeatable: true },
      options,
    )
  }
}

/** @throws PosthornArgumentError for a `Date` that is none */
function written(moment: Moment): string | number {
  if (!(moment instanceof Date)) return moment
  if (Number.isNaN(moment.getTime())) throw new PosthornArgumentError('a `Date` is invalid')
  return moment.toISOString()
}
