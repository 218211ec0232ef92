import { receiptOf } from '../../inbox/receipt.js'
import type { Arrival, SendCommand, SendOutcome } from '../../inbox/store.js'
import type { SendReceipt } from '../../protocol/send.js'
import type { LogBounds } from '../log-bounds.js'
import { prepareAccept } from './accept.js'
import type { Connection } from './database.js'
import { prepareIdempotency } from './idempotency.js'
import { prepareSchedule } from './schedule.js'

/** Takes a notification: for now, or for later. */
export function prepareSend(
  connection: Connection,
  bounds: LogBounds,
): (command: SendCommand) => SendOutcome {
  const keys = prepareIdempotency(connection)
  const accept = prepareAccept(connection, bounds)
  const schedule = prepareSchedule(connection)

  const take = (command: SendCommand): { receipt: SendReceipt; arrivals: Arrival[] } => {
    const { createdAt, dueAt, target } = command
    if (dueAt !== undefined) {
      schedule({ ...command, dueAt })
      // Whom a topic means is known when it is due.
      const total = target.kind === 'users' ? target.users.length : 0
      const recipients = { total, stored: 0 }
      const receipt = receiptOf(command, { status: 'scheduled', recipients, seq: undefined })
      return { receipt, arrivals: [] }
    }
    const { status: reached, total, arrivals } = accept({ ...command, acceptedAt: createdAt })
    // A life that counts from a `deliverAt` long ago may be over.
    const isOver = command.expiresAt !== undefined && command.expiresAt <= createdAt
    const status = isOver ? 'expired' : reached
    const recipients = { total, stored: arrivals.length }
    const receipt = receiptOf(command, { status, recipients, seq: arrivals[0]?.seq })
    return { receipt, arrivals }
  }

  return (command) => {
    const { sender, createdAt, idempotency } = command
    const earlier = idempotency && keys.earlier(sender, idempotency, createdAt)
    if (earlier) return earlier
    const { receipt, arrivals } = take(command)
    if (idempotency) keys.keep(sender, idempotency, receipt, createdAt)
    return { kind: 'accepted', receipt, arrivals }
  }
}
