import type { SendReceipt, Target } from '../protocol/send.js'
import type { LiveConnections, LiveTarget } from './live.js'
import type { Idempotency, SendOutcome, ServiceName, Store } from './store.js'

/** Users that one read looks at. */
const LOOKED_AT = 1_000

export interface EphemeralContext {
  store: Pick<Store, 'keepReceipt' | 'subscribed'>
  live: Pick<LiveConnections, 'deliver' | 'users' | 'userOf'>
}

export interface Ephemeral {
  id: string
  sender: ServiceName
  to: Target
  contentJson: string
  /** Milliseconds since 1970. */
  createdAt: number
  idempotency: Idempotency | undefined
}

/**
 * Hands a notification to the sockets that are connected now, and stores it nowhere. With an idempotency key the receipt is on
 * disk first: a retry is then not sent again, and where the service dies in between nothing was sent, as with any socket that
 * was away.
 */
export async function sendEphemeral(
  context: EphemeralContext,
  ephemeral: Ephemeral,
): Promise<SendOutcome> {
  const { store, live } = context
  const { id, sender, to, contentJson, createdAt: at, idempotency } = ephemeral
  const { target, total } = await meant(context, to)
  const time = new Date(at).toISOString()
  const receipt: SendReceipt = {
    id,
    status: 'sent',
    recipients: { total, stored: 0 },
    createdAt: time,
    expiresAt: time,
  }
  if (idempotency) {
    const kept = await store.keepReceipt({ sender, idempotency, receipt, at })
    if (kept.kind !== 'kept') return kept
  }
  await live.deliver(target, contentJson)
  return { kind: 'accepted', receipt, arrivals: [] }
}

/** Whom it reaches, and how many it was meant for: those whom it names, or else those of them who are connected. */
async function meant(
  { store, live }: EphemeralContext,
  to: Target,
): Promise<{ target: LiveTarget; total: number }> {
  if ('topic' in to) {
    const users = await subscribersAmong(store, to.topic, await live.users())
    return { target: { kind: 'users', users }, total: users.length }
  }
  if ('everyone' in to) return { target: { kind: 'everyone' }, total: (await live.users()).length }
  if ('users' in to) {
    const users = [...new Set(to.users)]
    return { target: { kind: 'users', users }, total: users.length }
  }
  if ('connection' in to) {
    const user = await live.userOf(to.connection)
    return { target: { kind: 'connection', ...to }, total: user === undefined ? 0 : 1 }
  }
  if ('device' in to) return { target: { kind: 'device', ...to }, total: 1 }
  return { target: { kind: 'users', users: [to.user] }, total: 1 }
}

async function subscribersAmong(
  store: Pick<Store, 'subscribed'>,
  topic: string,
  connected: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  for (let from = 0; from < connected.length; from += LOOKED_AT) {
    const users = connected.slice(from, from + LOOKED_AT)
    found.push(...(await store.subscribed({ topic, users })))
  }
  return found
}
