import type { Arrival, SendCommand } from '../../inbox/store.js'
import type { LogBounds } from '../log-bounds.js'
import { Appending } from './append.js'
import type { Transaction } from './database.js'
import { beginDeliveries, measureTargets } from './fan-out-rows.js'
import type { HeldLogs } from './held-logs.js'
import { drawNumbers, insertNotifications, type NewNotification } from './notification-rows.js'

/** A notification whose time has come: just sent, or scheduled before and due now. */
export type Accepted = Omit<SendCommand, 'dueAt' | 'idempotency'> & { acceptedAt: number }

/** What has become of it at once. */
export interface Acceptance {
  status: 'stored' | 'fanning_out'
  total: number
  arrivals: Arrival[]
}

/** Users that these notifications name: they have to be held, and made where they are new. */
export function namedBy(commands: readonly Pick<SendCommand, 'target'>[]): string[] {
  return commands.flatMap(({ target }) => (target.kind === 'users' ? target.users : []))
}

/**
 * Brings notifications to those whom they name, one after the other, or begins to bring them to those whom a topic or everyone means
 * now. All who are named are held.
 */
export async function acceptAll(
  transaction: Transaction,
  held: HeldLogs,
  accepted: readonly Accepted[],
  { bounds }: { bounds: LogBounds },
): Promise<Acceptance[]> {
  if (accepted.length === 0) return []
  const appending = new Appending(bounds)
  // What was due while the service was down may have outlived itself.
  const arriving = accepted.filter((each) => !isOver(each))
  const [numbers, measure] = await Promise.all([
    drawNumbers(transaction, 'notifications', accepted.length),
    measureTargets(transaction, accepted),
    appending.load(
      transaction,
      arriving.flatMap(({ target, collapseKey = null }) =>
        target.kind === 'users'
          ? target.users.map((user) => ({ log: held.require(user), notification: 0, collapseKey }))
          : [],
      ),
      // It is the newest: none gives way.
      { isNewest: true },
    ),
  ])
  const rows: NewNotification[] = []
  const deliveries: { notification: number; topic: string | null; last: number }[] = []
  const acceptances = accepted.map((each, index): Acceptance => {
    const { target, acceptedAt: at, collapseKey = null, expiresAt = null } = each
    const number = numbers[index]
    if (number === undefined) throw new Error('too few numbers were drawn')
    if (target.kind !== 'users') {
      const { total, last } = measure(target)
      const status = isOver(each) ? 'stored' : 'fanning_out'
      rows.push({ ...each, number, status, total, stored: 0 })
      const topic = target.kind === 'topic' ? target.topic : null
      if (!isOver(each)) deliveries.push({ notification: number, topic, last })
      return { status, total, arrivals: [] }
    }
    const logs = target.users.map((user) => held.require(user))
    const total = logs.length
    if (isOver(each)) {
      rows.push({ ...each, number, status: 'stored', total, stored: 0 })
      for (const { id: userId } of logs) {
        appending.changes.end({ notification: number, userId }, 'expired')
      }
      return { status: 'stored', total, arrivals: [] }
    }
    rows.push({ ...each, number, status: 'stored', total, stored: total })
    const arrivals = logs.flatMap(
      (log) => appending.append({ log, notification: number, collapseKey, expiresAt, at }) ?? [],
    )
    return { status: 'stored', total, arrivals }
  })
  await Promise.all([
    insertNotifications(transaction, rows),
    beginDeliveries(transaction, deliveries),
    appending.changes.save(transaction, held),
  ])
  return acceptances
}

function isOver({ expiresAt, acceptedAt }: Accepted): boolean {
  return expiresAt !== undefined && expiresAt <= acceptedAt
}
