import type { NotificationMessage } from '../../../src/protocol/down/notification.js'
import type { RemovedMessage } from '../../../src/protocol/down/removed.js'
import type { UpdatedMessage } from '../../../src/protocol/down/updated.js'
import type * as z from 'zod/mini'
import type { Context } from './context.js'
import type { Device, Held, Sending, State } from './people.js'

type Payload<Schema extends z.ZodMiniType<{ payload: unknown }>> = z.infer<Schema>['payload']

interface Times {
  seenAt: string | null
  readAt: string | null
  archivedAt: string | null
}

export function stateOf({ seenAt, readAt, archivedAt }: Times): State {
  return { seen: seenAt !== null, read: readAt !== null, archived: archivedAt !== null }
}

/** Holds a notification that came, as contract §4 tells clients to; says what it was. */
export function take(
  { book, oracle }: Context,
  device: Device,
  { seq, notification }: Payload<typeof NotificationMessage>,
): Sending | undefined {
  const { id, title, collapseKey, expiresAt } = notification
  const sending = book.get(title ?? '')
  if (!sending?.to.has(device.person)) {
    oracle.complain('what comes was sent to its user', `${device.label} got ${title} (${id})`)
    return undefined
  }
  sending.id ??= id
  if (sending.id !== id) {
    oracle.complain(
      'what was sent once is stored once',
      `${title} is ${sending.id} and, on ${device.label}, ${id}`,
    )
    return undefined
  }
  sending.expiresAt = expiresAt === null ? Infinity : Date.parse(expiresAt)
  device.person.byId.set(id, sending)
  device.received.add(sending)
  dropReplaced(device, collapseKey, seq)
  device.holds.set(sending, { seq, ...stateOf(notification) })
  return sending
}

export function update(
  { oracle }: Context,
  device: Device,
  { seq, id, ...times }: Payload<typeof UpdatedMessage>,
): void {
  const sending = device.person.byId.get(id)
  if (sending && device.holds.has(sending)) device.holds.set(sending, { seq, ...stateOf(times) })
  else
    oracle.complain('`updated` is for what a device has', `${device.label} lacks ${id} at ${seq}`)
}

export function remove(
  device: Device,
  { seq, id, collapseKey }: Payload<typeof RemovedMessage>,
): void {
  const sending = device.person.byId.get(id)
  if (sending) device.holds.delete(sending)
  dropReplaced(device, collapseKey ?? null, seq)
}

function dropReplaced(device: Device, collapseKey: string | null, seq: number): void {
  if (collapseKey === null) return
  for (const [sending, held] of device.holds) {
    if (sending.collapseKey === collapseKey && held.seq < seq) device.holds.delete(sending)
  }
}

export function isSame(a: Held, b: Held): boolean {
  return a.seq === b.seq && a.seen === b.seen && a.read === b.read && a.archived === b.archived
}
