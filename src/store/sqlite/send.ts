import { receiptOf } from '../../inbox/receipt.js'
import {
  IDEMPOTENCY_MS,
  type Arrival,
  type SendCommand,
  type SendOutcome,
} from '../../inbox/store.js'
import type { SendReceipt } from '../../protocol/send.js'
import { prepareAccept } from './accept.js'
import type { Connection } from './database.js'
import { prepareIdempotency } from './idempotency.js'
import { prepareSchedule } from './schedule.js'
import type { LogBounds } from './trim.js'

/** Takes a notification: for now, or for later. */
export function prepareSend(
  connection: Connection,
  bounds: LogBounds,
): (command: SendCommand) => SendOutcome {
  const idempotency = prepareIdempotency(connection)
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
    const { status, total, arrivals } = accept({ ...command, acceptedAt: createdAt })
    const recipients = { total, stored: arrivals.length }
    const receipt = receiptOf(command, { status, recipients, seq: arrivals[0]?.seq })
    return { receipt, arrivals }
  }

  return (command) => {
    const { sender, createdAt } = command
    if (command.idempotency) {
      const earlier = idempotency.find(sender, command.idempotency.key, createdAt)
      if (earlier?.fingerprint === command.idempotency.fingerprint) {
        return { kind: 'replayed', receipt: earlier.receipt }
      }
      if (earlier) return { kind: 'key_reused' }
    }
    const { receipt, arrivals } = take(command)
    if (command.idempotency) {
      idempotency.keep(sender, command.idempotency, receipt, createdAt + IDEMPOTENCY_MS, createdAt)
    }
    return { kind: 'accepted', receipt, arrivals }
  }
}
