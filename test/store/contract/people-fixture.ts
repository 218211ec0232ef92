import { v7 as uuidv7 } from 'uuid'
import type { SendCommand, SendTarget, Store } from '../../../src/inbox/store.js'
import type { NotificationContent } from '../../../src/protocol/notification.js'

/** The moment at which these tests begin. */
export const NOW = Date.UTC(2026, 10, 22, 10)

export const SENDER = { issuer: '', subject: 'shop' }

export interface Sending {
  at?: number
  dueAt?: number
  expiresAt?: number
  collapseKey?: string
  key?: string
}

/** Sends a notification by its title to users by name, or to whom else it is meant; gives its id. */
export async function sendTo(
  store: Store,
  to: string | readonly string[] | Exclude<SendTarget, { kind: 'users' }>,
  title: string,
  { at = NOW, dueAt, expiresAt, collapseKey, key }: Sending = {},
): Promise<string> {
  const id = uuidv7()
  const content: NotificationContent = {
    id,
    type: 'test',
    title,
    body: null,
    url: null,
    icon: null,
    data: null,
    priority: 'normal',
    collapseKey: collapseKey ?? null,
    topic: null,
    sender: SENDER.subject,
    createdAt: new Date(at).toISOString(),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  }
  const command: SendCommand = {
    id,
    sender: SENDER,
    contentJson: JSON.stringify(content),
    createdAt: at,
    dueAt,
    expiresAt,
    collapseKey,
    target: targetOf(to),
    idempotency: key === undefined ? undefined : { key, fingerprint: 'a fingerprint' },
  }
  const outcome = await store.send(command)
  if (outcome.kind !== 'accepted') throw new Error(`the send was ${outcome.kind}`)
  return id
}

function targetOf(
  to: string | readonly string[] | Exclude<SendTarget, { kind: 'users' }>,
): SendTarget {
  if (typeof to === 'string') return { kind: 'users', users: [to], single: true }
  return 'kind' in to ? to : { kind: 'users', users: to, single: false }
}

export function open(
  store: Store,
  user: string,
  device: string,
  { at = NOW, ...bounds }: { at?: number; maxDevices?: number; online?: string[] } = {},
) {
  return store.openDevice({ user, device, start: { kind: 'stored' }, at, ...bounds })
}

/** The names of a user's devices, in the order in which they came. */
export async function devicesOf(store: Store, user: string): Promise<string[]> {
  const page = await store.devices({ user, device: undefined, after: undefined, limit: 100 })
  return page.items.map(({ device }) => device)
}

/** Acknowledges in the user's own epoch all that stands in the log. */
export async function acknowledgeAll(
  store: Store,
  user: string,
  device: string,
  at = NOW,
): Promise<void> {
  const { epoch, latest: seq } = await store.head(user)
  const { kind } = await store.acknowledge({ user, device, epoch, seq, at })
  if (kind !== 'acknowledged') throw new Error(`the acknowledgement was ${kind}`)
}

/** The titles of a user's inbox, the newest first. */
export async function inboxOf(store: Store, user: string): Promise<string[]> {
  const { entries } = await store.list({ user, before: undefined, limit: 100 })
  return entries.map(({ contentJson }) => /"title":"([^"]*)"/.exec(contentJson)?.[1] ?? '')
}

/** Takes every step of an erasure, of at most `limit` rows each; gives how many steps those were. */
export async function eraseWhole(store: Store, user: string, limit = 250): Promise<number> {
  let [begun, steps] = [await store.erase({ user, limit }), 1]
  for (; begun.kind === 'more'; steps++) begun = await store.erase({ user, limit })
  if (begun.kind === 'unknown') return steps
  const { erasure } = begun
  for (let more = true; more; steps++) ({ more } = await store.purge({ erasure, limit }))
  return steps
}
