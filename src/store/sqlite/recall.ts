import type { RecallCommand, RecallOutcome } from '../../inbox/stores/lifetimes.js'
import type { ScheduledRow } from '../jobs.js'
import type { LogBounds } from '../log-bounds.js'
import { prepareFanOut } from './accept.js'
import type { Connection } from './database.js'
import { prepareInsertNotification } from './notification-rows.js'
import { prepareRemove, type LivingRow } from './remove.js'
import { prepareOutcomeByName, ROW_COLUMNS } from './rows.js'
import { prepareUnschedule, SCHEDULED_COLUMNS } from './schedule.js'

interface NotificationRow {
  id: number
  status: 'stored' | 'fanning_out' | 'recalled'
  total: number
  stored: number
}

/** Takes a notification back: off the schedule, or out of each inbox that has it. */
export function prepareRecall(
  connection: Connection,
  bounds: LogBounds,
): (command: RecallCommand) => RecallOutcome {
  const recallScheduled = prepareRecallScheduled(connection)
  const find = connection.prepare<[string, string, string], NotificationRow>(
    `SELECT id, status, total, stored FROM notifications
     WHERE uuid = ? AND issuer = ? AND subject = ?`,
  )
  const setStatus = connection.prepare<[number]>(
    `UPDATE notifications SET status = 'recalled' WHERE id = ?`,
  )
  const isPending = connection
    .prepare<[number], number>('SELECT 1 FROM fan_outs WHERE notification = ?')
    .pluck()
  const living = prepareLiving(connection)
  const fanOut = prepareFanOut(connection)
  const remove = prepareRemove(connection, bounds)

  return (command) => {
    const { id, sender, at, limit } = command
    const row = find.get(id, sender.issuer, sender.subject)
    if (!row) return recallScheduled(command)
    const { total, stored } = row
    const receipt = { id, status: 'recalled' as const, recipients: { total, stored } }
    if (row.status === 'recalled') {
      const pending = isPending.get(row.id) !== undefined
      return { kind: 'recalled', receipt, removals: [], pending }
    }
    setStatus.run(row.id)
    const found = living({ notification: row.id, after: 0, limit: limit + 1 })
    if (found.length > limit) {
      fanOut.recall(row.id)
      return { kind: 'recalled', receipt, removals: [], pending: true }
    }
    fanOut.end(row.id)
    const removals = found.map((entry) => remove(entry, 'recalled', at))
    return { kind: 'recalled', receipt, removals, pending: false }
  }
}

/** The living entries of a notification, by the number of their user. */
export function prepareLiving(
  connection: Connection,
): (query: { notification: number; after: number; limit: number }) => LivingRow[] {
  const select = connection.prepare<[number, number, number], LivingRow>(
    `SELECT ${ROW_COLUMNS}, notifications.uuid AS uuid, inbox.collapse_key AS collapseKey
     FROM inbox JOIN notifications ON notifications.id = inbox.notification
     WHERE inbox.notification = ? AND inbox.user > ? AND inbox.removed IS NULL
     ORDER BY inbox.user LIMIT +?`,
  )
  return ({ notification, after, limit }) => select.all(notification, after, limit)
}

/** What was never sent is still known as recalled. */
function prepareRecallScheduled(connection: Connection) {
  const find = connection.prepare<[string, string, string], ScheduledRow>(
    `SELECT ${SCHEDULED_COLUMNS} FROM scheduled WHERE uuid = ? AND issuer = ? AND subject = ?`,
  )
  const unschedule = prepareUnschedule(connection)
  const end = prepareOutcomeByName(connection)
  const insert = prepareInsertNotification(connection)

  return ({ id, sender, at }: RecallCommand): RecallOutcome => {
    const row = find.get(id, sender.issuer, sender.subject)
    if (!row) return { kind: 'unknown' }
    const users = unschedule(row.id)
    const recipients = { total: users.length, stored: 0 }
    const notification = insert({
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
    })
    end(notification, users, 'recalled')
    const receipt = { id, status: 'recalled' as const, recipients }
    return { kind: 'recalled', receipt, removals: [], pending: false }
  }
}
