import { receiptOf } from '../../inbox/receipt.js'
import type { SendCommand, SendOutcome } from '../../inbox/store.js'
import type { SendReceipt } from '../../protocol/send.js'
import type { LogBounds } from '../log-bounds.js'
import { acceptAll, namedBy, type Acceptance } from './accept.js'
import type { Transaction } from './database.js'
import type { HeldLogs } from './held-logs.js'
import { claimKeys, type ClaimedKeys } from './idempotency.js'
import { scheduleAll } from './schedule.js'
import { storableSend } from './text.js'

/** Sends of a group, of which those that came before, and those that come again, are known. */
export interface PlannedSends {
  commands: readonly SendCommand[]
  keys: ClaimedKeys
  /** Users who have to be held, and made where they are new. */
  named: string[]
}

/** Claims the keys of sends, before anything else is locked. */
export async function planSends(
  transaction: Transaction,
  sends: readonly SendCommand[],
): Promise<PlannedSends> {
  const commands = sends.map(storableSend)
  const keys = await claimKeys(transaction, commands.flatMap(guardedBy))
  const arriving = commands.filter(
    (command) =>
      command.dueAt === undefined &&
      guardedBy(command).every((guarded) => keys.earlier(guarded) === undefined),
  )
  return { commands, keys, named: namedBy(arriving) }
}

/** Takes notifications in their order, for now or for later. */
export async function sendAll(
  transaction: Transaction,
  held: HeldLogs,
  { commands, keys }: PlannedSends,
  options: { bounds: LogBounds },
): Promise<SendOutcome[]> {
  const first = firstOfEach(commands, keys)
  const now = first.flatMap((command) => (command.dueAt === undefined ? [command] : []))
  const later = first.flatMap((command) =>
    command.dueAt === undefined ? [] : [{ ...command, dueAt: command.dueAt }],
  )
  const [acceptances] = await Promise.all([
    acceptAll(
      transaction,
      held,
      now.map((command) => ({ ...command, acceptedAt: command.createdAt })),
      options,
    ),
    scheduleAll(transaction, later),
  ])
  const accepted = new Map(now.map((command, index) => [command, acceptances[index]]))
  const taken = new Set(first)
  const outcomes = commands.map((command): SendOutcome => {
    const [guarded] = guardedBy(command)
    const earlier = guarded && !taken.has(command) ? keys.earlier(guarded) : undefined
    if (earlier) return earlier
    const acceptance = accepted.get(command)
    const receipt = acceptance ? receiptNow(command, acceptance) : receiptLater(command)
    if (guarded) keys.keep(guarded, receipt)
    return { kind: 'accepted', receipt, arrivals: acceptance?.arrivals ?? [] }
  })
  await keys.save(transaction)
  return outcomes
}

/** Those that are stored: neither came their key before, nor comes it twice in the group. */
function firstOfEach(commands: readonly SendCommand[], keys: ClaimedKeys): SendCommand[] {
  const seen = new Set<string>()
  return commands.filter((command) => {
    const [guarded] = guardedBy(command)
    if (!guarded) return true
    const { sender, idempotency } = guarded
    const name = JSON.stringify([sender.issuer, sender.subject, idempotency.key])
    if (seen.has(name) || keys.earlier(guarded)) return false
    seen.add(name)
    return true
  })
}

function guardedBy({ sender, idempotency, createdAt: at }: SendCommand) {
  return idempotency ? [{ sender, idempotency, at }] : []
}

function receiptNow(command: SendCommand, { status, total, arrivals }: Acceptance): SendReceipt {
  // A life that counts from a `deliverAt` long ago may be over.
  const isOver = command.expiresAt !== undefined && command.expiresAt <= command.createdAt
  const recipients = { total, stored: arrivals.length }
  return receiptOf(command, {
    status: isOver ? 'expired' : status,
    recipients,
    seq: arrivals[0]?.seq,
  })
}

/** Whom a topic means is known when it is due. */
function receiptLater(command: SendCommand): SendReceipt {
  const total = command.target.kind === 'users' ? command.target.users.length : 0
  const recipients = { total, stored: 0 }
  return receiptOf(command, { status: 'scheduled', recipients, seq: undefined })
}
