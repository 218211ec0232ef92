import type { SendReceipt } from '../protocol/send.js'
import type { SendCommand } from './store.js'

/** What the sender is told of a notification that was taken; `seq` where it was sent to one user. */
export function receiptOf(
  { id, createdAt, expiresAt, target }: SendCommand,
  accepted: Pick<SendReceipt, 'status' | 'recipients'> & { seq: number | undefined },
): SendReceipt {
  const { status, recipients, seq } = accepted
  return {
    id,
    status,
    ...(target.kind === 'users' && target.single && seq !== undefined && { seq }),
    recipients,
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
  }
}
