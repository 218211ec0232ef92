import type { Store } from '../../../src/inbox/store.js'
import { MarkAction } from '../../../src/protocol/mark.js'
import type { EntryState } from '../../../src/protocol/notification.js'
import { AT, markIds, markUpTo, openDevice, send } from '../contract/store-under-test.js'

export const USERS = ['alice', 'bob', 'carol', 'dave', 'erin']
const TYPES = ['order', 'invoice']

/** What the store told of one change to a user's log. */
export interface Told {
  id: string
  state: Omit<EntryState, 'arrivedSeq'>
  unread: number
  unseen: number
}

/** Sends, marks and opens at random, and keeps what it was told by the way. */
export class RandomUse {
  readonly #told = new Map<string, Told[]>()
  readonly #store: Store
  readonly #random: () => number
  readonly #ids: string[] = []
  #at = AT

  constructor(store: Store, random: () => number) {
    this.#store = store
    this.#random = random
  }

  /** What the store told of a user's log, in no order. */
  toldOf(user: string): Told[] {
    const told = this.#told.get(user) ?? []
    this.#told.set(user, told)
    return told
  }

  async step(): Promise<void> {
    this.#at += 1
    const draw = this.#random()
    const user = this.#pick(USERS, 'alice')
    if (draw < 0.35) return this.#send(user)
    if (draw < 0.7) return this.#markIds(user)
    if (draw < 0.95) return this.#markUpTo(user)
    await openDevice(this.#store, user, 'phone', { kind: 'latest' })
  }

  async #send(user: string): Promise<void> {
    const users = USERS.filter((name) => name === user || this.#random() < 0.2)
    const type = this.#pick(TYPES, 'order')
    const { receipt, arrivals } = await send(this.#store, users, { type })
    this.#ids.push(receipt.id)
    for (const { user: name, seq, unread, unseen } of arrivals) {
      const state = { seq, seenAt: null, readAt: null, archivedAt: null }
      this.toldOf(name).push({ id: receipt.id, state, unread, unseen })
    }
  }

  /** Some twenty, of the newest most often; also such as the user does not have. */
  async #markIds(user: string): Promise<void> {
    const action = this.#pick(MarkAction.options, 'read')
    const ids = this.#ids.slice(-this.#upTo(200)).slice(0, this.#upTo(20))
    const { moved } = await markIds(this.#store, user, action, ids, this.#at)
    this.toldOf(user).push(...moved)
  }

  async #markUpTo(user: string): Promise<void> {
    const action = this.#pick(MarkAction.options, 'read')
    const type = this.#pick([undefined, ...TYPES], undefined)
    // All is drawn before the first answer, so that a seed leads to the same run again.
    const [back, width, limit, at] = [
      this.#upTo(1_000),
      this.#upTo(1_000),
      this.#upTo(100),
      this.#at,
    ]
    const { latest } = await this.#store.head(user)
    const upTo = Math.max(1, latest - back)
    const options = { after: Math.max(0, upTo - width), type, limit, at }
    const { moved } = await markUpTo(this.#store, user, action, upTo, options)
    this.toldOf(user).push(...moved)
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most)
  }

  /** One of them; the other one where there are none. */
  #pick<Item>(items: readonly Item[], none: Item): Item {
    return items[Math.floor(this.#random() * items.length)] ?? none
  }
}
