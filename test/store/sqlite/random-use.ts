import type { Arrival, Store } from '../../../src/inbox/store.js'
import type { Removal } from '../../../src/inbox/stores/lifetimes.js'
import type { FanOutStep } from '../../../src/inbox/stores/topics.js'
import { MarkAction } from '../../../src/protocol/mark.js'
import type { EntryState, NotificationContent } from '../../../src/protocol/notification.js'
import {
  AT,
  contentOf,
  EVERYONE,
  markIds,
  markUpTo,
  openDevice,
  send,
  SHOP,
} from '../contract/store-under-test.js'

export const USERS = ['alice', 'bob', 'carol', 'dave', 'erin']
const TYPES = ['order', 'invoice']
const KEYS = [undefined, undefined, undefined, 'a', 'b']

interface Counts {
  unread: number
  unseen: number
}

/** What the store told of one change to a user's log. */
export type Told =
  | ({ kind: 'arrived'; id: string; seq: number; collapseKey: string | null } & Counts)
  | ({ kind: 'marked'; id: string; state: EntryState } & Counts)
  | ({ kind: 'removed'; id: string; seq: number } & Counts)
  /** So many rows went from the beginning of the log while this was its end. */
  | { kind: 'trimmed'; latest: number; removed: number }

/**
 * Uses a store at random, in all ways, with a clock that goes on by a millisecond an operation, and keeps what it was told by
 * the way. Whatever is random is drawn before the first answer, so that a seed leads to the same run again.
 */
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

  get at(): number {
    return this.#at
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
    if (draw < 0.3) return this.#send(user)
    if (draw < 0.34) return this.#sendToEveryone()
    if (draw < 0.54) return this.#markIds(user)
    if (draw < 0.68) return this.#markUpTo(user)
    if (draw < 0.76) return this.#acknowledge(user)
    if (draw < 0.8) return this.#recall()
    if (draw < 0.88) return this.#keepTime()
    if (draw < 0.96) return this.#stepFanOut(this.#upTo(3))
    if (draw < 0.98) return this.#retain(user)
    await openDevice(this.#store, user, this.#pick(['phone', 'laptop'], 'phone'), {
      kind: this.#pick(['stored', 'latest'] as const, 'stored'),
    })
  }

  /** Does what is under way to its end. */
  async finish(): Promise<void> {
    while ((await this.#store.due(this.#at)).fanOuts) await this.#stepFanOut(10)
  }

  async #send(user: string): Promise<void> {
    const users = USERS.filter((name) => name === user || this.#random() < 0.2)
    const options = this.#options()
    const { receipt, arrivals } = await send(this.#store, users, options)
    this.#ids.push(receipt.id)
    this.#arrived({ id: receipt.id, collapseKey: options.collapseKey ?? null }, arrivals)
  }

  async #sendToEveryone(): Promise<void> {
    const { receipt } = await send(this.#store, EVERYONE, this.#options())
    this.#ids.push(receipt.id)
  }

  /** Of each sort some: what ends soon or never, has a key or none, comes at once or later. */
  #options() {
    const [ttl, delay] = [this.#upTo(600), this.#upTo(300)]
    const dueAt = this.#random() < 0.15 ? this.#at + delay : undefined
    const expiresAt = this.#random() < 0.4 ? (dueAt ?? this.#at) + ttl : undefined
    const [type, collapseKey] = [this.#pick(TYPES, 'order'), this.#pick(KEYS, undefined)]
    return { at: this.#at, type, collapseKey, dueAt, expiresAt }
  }

  /** Some twenty, of the newest most often; also such as the user does not have. */
  async #markIds(user: string): Promise<void> {
    const action = this.#pick(MarkAction.options, 'read')
    const ids = this.#ids.slice(-this.#upTo(60)).slice(0, this.#upTo(20))
    const { moved } = await markIds(this.#store, user, action, ids, this.#at)
    this.toldOf(user).push(...moved.map((entry) => ({ kind: 'marked' as const, ...entry })))
  }

  async #markUpTo(user: string): Promise<void> {
    const action = this.#pick(MarkAction.options, 'read')
    const type = this.#pick([undefined, ...TYPES], undefined)
    const [back, width, limit, at] = [this.#upTo(200), this.#upTo(200), this.#upTo(100), this.#at]
    const { latest } = await this.#store.head(user)
    const upTo = Math.max(1, latest - back)
    const options = { after: Math.max(0, upTo - width), type, limit, at }
    const { moved } = await markUpTo(this.#store, user, action, upTo, options)
    this.toldOf(user).push(...moved.map((entry) => ({ kind: 'marked' as const, ...entry })))
  }

  async #acknowledge(user: string): Promise<void> {
    const [device, back, at] = [this.#pick(['phone', 'laptop'], 'phone'), this.#upTo(20), this.#at]
    const { epoch, latest } = await this.#store.head(user)
    // Also of devices that are not there: that changes nothing.
    await this.#store.acknowledge({ user, device, epoch, seq: Math.max(0, latest - back), at })
  }

  async #recall(): Promise<void> {
    const id = this.#ids.at(-this.#upTo(40))
    const limit = this.#upTo(4)
    if (id === undefined) return
    const outcome = await this.#store.recall({ id, sender: SHOP, at: this.#at, limit })
    if (outcome.kind === 'recalled') this.#removed(outcome.removals)
  }

  async #keepTime(): Promise<void> {
    const [at, limit] = [this.#at, this.#upTo(20)]
    this.#removed(await this.#store.expire({ at, limit }))
    const fired = await this.#store.fire({ at, limit })
    for (const one of fired) this.#arrived(contentOf(one), one.arrivals)
  }

  async #stepFanOut(limit: number): Promise<void> {
    const step = await this.#store.stepFanOut({ at: this.#at, limit })
    if (step) this.#stepped(step)
  }

  #stepped(step: FanOutStep): void {
    if (step.kind === 'recalled') return this.#removed(step.removals)
    this.#arrived(contentOf(step), step.arrivals)
  }

  async #retain(user: string): Promise<void> {
    const [before, limit] = [this.#at - 1_500, this.#upTo(30)]
    const { removed, latest } = await this.#store.trim({ user, agedBefore: before, limit })
    this.toldOf(user).push({ kind: 'trimmed', latest, removed })
    const page = { after: undefined, limit: 1_000, acceptedBefore: before }
    const { notifications } = await this.#store.forgettable(page)
    await this.#store.forget({ notifications, acceptedBefore: before, limit: 100 })
  }

  #arrived(
    { id, collapseKey }: Pick<NotificationContent, 'id' | 'collapseKey'>,
    arrivals: readonly Arrival[],
  ): void {
    for (const { user, ...arrival } of arrivals) {
      this.toldOf(user).push({ kind: 'arrived', id, collapseKey, ...arrival })
    }
  }

  #removed(removals: readonly Removal[]): void {
    for (const { user, id, seq, unread, unseen } of removals) {
      this.toldOf(user).push({ kind: 'removed', id, seq, unread, unseen })
    }
  }

  #upTo(most: number): number {
    return 1 + Math.floor(this.#random() * most)
  }

  /** One of them; the other one where there are none. */
  #pick<Item>(items: readonly Item[], none: Item): Item {
    return items[Math.floor(this.#random() * items.length)] ?? none
  }
}
