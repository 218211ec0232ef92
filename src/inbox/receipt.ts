import type { SendReceipt } from '../protocol/send.js'
import type { Arrival, SendCommand } from './store.js'

/** What the sender is told of a notification that was stored. */
export function receiptOf(
  { id, users, createdAt, tellSeq }: SendCommand,
  [first]: readonly Arrival[],
): SendReceipt {
  return {
    id,
    status: 'stored',
    ...(tellSeq && first && { seq: first.seq }),
    recipients: { total: users.length, stored: users.length },
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: null,
  }
}
