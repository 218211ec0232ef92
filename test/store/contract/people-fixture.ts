import type { SendTarget, Store } from '../../../src/inbox/store.js'
import { send, type SendOptions } from './store-under-test.js'

/** The moment at which these tests begin. */
export const NOW = Date.UTC(2026, 10, 22, 10)

/** Sends a notification by its title to users by name, or to whom else it is meant; gives its id. */
export async function sendTo(
  store: Store,
  to: string | readonly string[] | Exclude<SendTarget, { kind: 'users' }>,
  title: string,
  options: SendOptions = {},
): Promise<string> {
  const { receipt } = await send(store, to, { title, at: NOW, ...options })
  return receipt.id
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
