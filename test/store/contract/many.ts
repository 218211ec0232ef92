import type { Arrival, SendTarget, Store } from '../../../src/inbox/store.js'
import type { FanOutStep } from '../../../src/inbox/stores/topics.js'
import type { NotificationOverview, SendReceipt } from '../../../src/protocol/send.js'
import { ALL, AT, send, type SendOptions } from './store-under-test.js'

// What the rules of topics and fan-outs are tried with.

export interface ManyOptions extends Pick<SendOptions, 'title' | 'at' | 'collapseKey' | 'dueAt'> {
  /** Milliseconds that it lives. */
  livesMs?: number
}

/** Sends to whomever a target means, or to those subscribed to a topic. */
export async function sendTo(
  store: Store,
  target: SendTarget | string,
  { livesMs, ...options }: ManyOptions = {},
): Promise<SendReceipt> {
  const { at = AT, dueAt = at } = options
  const expiresAt = livesMs === undefined ? undefined : dueAt + livesMs
  const to = typeof target === 'string' ? { kind: 'topic' as const, topic: target } : target
  const { receipt } = await send(store, to, { title: 'x', ...options, expiresAt })
  return receipt
}

export function toUser(user: string): SendTarget {
  return { kind: 'users', users: [user], single: true }
}

/** Subscribes users to a topic as a service does, in the order in which they are named. */
export async function subscribe(store: Store, topic: string, ...users: string[]): Promise<void> {
  for (const user of users) await store.subscribe({ user, topic, at: AT, own: undefined })
}

export async function unsubscribe(store: Store, topic: string, ...users: string[]): Promise<void> {
  for (const user of users) await store.unsubscribe({ user, topic, epoch: undefined })
}

/** Those who are subscribed to a topic, in their order. */
export async function subscribersOf(store: Store, topic: string): Promise<string[]> {
  const { items } = await store.subscribers({ topic, after: 0, limit: ALL.limit })
  return items.map(({ user }) => user)
}

/** Makes users who are known, and have nothing. */
export async function makeKnown(store: Store, ...users: string[]): Promise<void> {
  for (const user of users) {
    await store.openDevice({ user, device: 'phone', start: { kind: 'stored' }, at: AT })
  }
}

/** One chunk of whatever has its turn; fails where there is nothing to do. */
export async function step(store: Store, limit: number, at = AT): Promise<FanOutStep> {
  const done = await store.stepFanOut({ at, limit })
  if (!done) throw new Error('there was nothing to do')
  return done
}

/** Whom a chunk has reached, or from whom it has taken. */
export function reachedBy(done: FanOutStep): string[] {
  return arrivalsOf(done).map(({ user }) => user)
}

export function arrivalsOf(done: FanOutStep): readonly Pick<Arrival, 'user' | 'seq'>[] {
  return done.kind === 'delivered' ? done.arrivals : done.removals
}

/** Does all that there is to do, in chunks; gives whom each has reached. */
export async function finish(store: Store, limit: number, at = AT): Promise<string[][]> {
  const chunks: string[][] = []
  for (;;) {
    const done = await store.stepFanOut({ at, limit })
    if (!done) return chunks
    chunks.push(reachedBy(done))
  }
}

/** What became of a notification as a whole: `fanning_out 2/5`. */
export async function progressOf(store: Store, id: string, at = AT): Promise<string> {
  const { status, recipients } = await overviewOf(store, id, at)
  return `${status} ${recipients.stored}/${recipients.total}`
}

async function overviewOf(store: Store, id: string, at: number): Promise<NotificationOverview> {
  const found = await store.notification({ id, at, keptAfter: 0 })
  if (!found) throw new Error('the notification is not known')
  return found
}

/** What became of a notification for each user: `alice pending`. */
export async function outcomesOf(store: Store, id: string, at = AT): Promise<string[]> {
  const query = { id, at, keptAfter: 0, after: undefined, limit: ALL.limit }
  const page = await store.deliveries(query)
  if (!page) throw new Error('the notification is not known')
  return page.items.map(({ user, status }) => `${user} ${status}`).toSorted()
}

/** The titles of what is in a user's inbox, newest first. */
export async function inboxOf(store: Store, user: string): Promise<string[]> {
  const { entries } = await store.list({ user, before: undefined, limit: ALL.limit })
  return entries.map(({ contentJson }) => titleOf(contentJson))
}

function titleOf(contentJson: string): string {
  const content: unknown = JSON.parse(contentJson)
  if (typeof content !== 'object' || content === null || !('title' in content)) return ''
  return String(content.title)
}
