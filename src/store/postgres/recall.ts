import type { RecallCommand, RecallOutcome } from '../../inbox/stores/lifetimes.js'
import type { ScheduledRow } from '../jobs.js'
import type { LogBounds } from '../log-bounds.js'
import type { Transaction } from './database.js'
import { beginRecall, endFanOut } from './fan-out-rows.js'
import { holdUsers } from './held-logs.js'
import { LogChanges } from './log-changes.js'
import { drawNumbers, insertNotifications } from './notification-rows.js'
import { removeAll, type EntryName } from './remove.js'
import { SCHEDULED_COLUMNS, unschedule } from './schedule.js'
import { storableService } from './text.js'
import { isUuid } from './uuid.js'

interface NotificationRow {
  id: number
  status: 'stored' | 'fanning_out' | 'recalled'
  total: number
  stored: number
}

/** Takes a notification back: off the schedule, or out of each inbox that has it. */
export async function recall(
  transaction: Transaction,
  asked: RecallCommand,
  options: { bounds: LogBounds },
): Promise<RecallOutcome> {
  const command = { ...asked, sender: storableService(asked.sender) }
  const { id, at, limit } = command
  if (!isUuid(id)) return { kind: 'unknown' }
  // First what waits: if it fires meanwhile, this waits for the end of that, and finds what has come of it.
  const scheduled = await recallScheduled(transaction, command)
  if (scheduled) return scheduled
  const found = await findNotification(transaction, command)
  if (!found) return { kind: 'unknown' }
  // A chunk that is under way ends first, and no other begins.
  const pending = await transaction.query(
    'SELECT 1 FROM fan_outs WHERE notification = $1 FOR UPDATE',
    [found.id],
  )
  const [row] = await transaction.query<NotificationRow>(
    'SELECT id, status, total, stored FROM notifications WHERE id = $1 FOR UPDATE',
    [found.id],
  )
  if (!row) return { kind: 'unknown' }
  const { total, stored } = row
  const receipt = { id, status: 'recalled' as const, recipients: { total, stored } }
  if (row.status === 'recalled') {
    return { kind: 'recalled', receipt, removals: [], pending: pending.length > 0 }
  }
  const [living] = await Promise.all([
    findLiving(transaction, { notification: row.id, after: 0, limit: limit + 1 }),
    transaction.run(`UPDATE notifications SET status = 'recalled' WHERE id = $1`, [row.id]),
  ])
  if (living.length > limit) {
    await beginRecall(transaction, row.id)
    return { kind: 'recalled', receipt, removals: [], pending: true }
  }
  await endFanOut(transaction, row.id)
  const removals = await removeAll(transaction, living, 'recalled', { at, ...options })
  return { kind: 'recalled', receipt, removals, pending: false }
}

async function findNotification(
  transaction: Transaction,
  { id, sender }: RecallCommand,
): Promise<{ id: number } | undefined> {
  const [found] = await transaction.query<{ id: number }>(
    'SELECT id FROM notifications WHERE uuid = $1 AND issuer = $2 AND subject = $3',
    [id, sender.issuer, sender.subject],
  )
  return found
}

/** The living entries of a notification, by the number of their user. */
export function findLiving(
  transaction: Transaction,
  { notification, after, limit }: { notification: number; after: number; limit: number },
): Promise<EntryName[]> {
  return transaction.query(
    `SELECT notification, user_id AS "userId" FROM inbox
     WHERE notification = $1 AND user_id > $2 AND removed IS NULL ORDER BY user_id LIMIT $3`,
    [notification, after, limit],
  )
}

/** What was never sent is still known as recalled; undefined where it does not wait. */
async function recallScheduled(
  transaction: Transaction,
  { id, sender, at }: RecallCommand,
): Promise<RecallOutcome | undefined> {
  const [row] = await transaction.query<ScheduledRow>(
    `SELECT ${SCHEDULED_COLUMNS} FROM scheduled
     WHERE uuid = $1 AND issuer = $2 AND subject = $3 FOR UPDATE`,
    [id, sender.issuer, sender.subject],
  )
  if (!row) return undefined
  const users = (await unschedule(transaction, [row.id]))(row.id)
  // They are told of in its deliveries, and what was for one of them alone goes with its user: they are made as by its arrival.
  const held = await holdUsers(transaction, users, { make: true })
  const [number] = await drawNumbers(transaction, 'notifications', 1)
  if (number === undefined) throw new Error('no number was drawn')
  const recipients = { total: users.length, stored: 0 }
  const changes = new LogChanges()
  for (const user of users) {
    changes.end({ notification: number, userId: held.require(user).id }, 'recalled')
  }
  await Promise.all([
    insertNotifications(transaction, [
      {
        number,
        id,
        sender,
        contentJson: row.content,
        createdAt: row.createdAt,
        // It may have waited for longer than what became of notifications is told.
        acceptedAt: at,
        expiresAt: row.expiresAt ?? undefined,
        collapseKey: row.collapseKey ?? undefined,
        status: 'recalled',
        ...recipients,
      },
    ]),
    changes.save(transaction, held),
  ])
  const receipt = { id, status: 'recalled' as const, recipients }
  return { kind: 'recalled', receipt, removals: [], pending: false }
}
