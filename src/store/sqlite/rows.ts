import type { RemovalReason } from '../../protocol/down/removed.js'
import type { Outcome } from '../endings.js'
import type { Connection } from './database.js'
import { prepareMakeUser } from './users.js'

/** A row of the inbox, as those see it who end it. */
export interface InboxRow {
  user: number
  seq: number
  notification: number
  seenAt: number | null
  readAt: number | null
  archivedAt: number | null
  expiresAt: number | null
  /** Set in a tombstone. */
  removed: RemovalReason | null
}

export const ROW_COLUMNS = `inbox.user AS user, inbox.seq AS seq, inbox.notification AS notification,
  inbox.seen_at AS seenAt, inbox.read_at AS readAt, inbox.archived_at AS archivedAt,
  inbox.expires_at AS expiresAt, inbox.removed AS removed`

/** Takes a row out of the inbox for good; how its entry ended is told by `outcomes` from then on. */
export function prepareVanish(connection: Connection): (row: InboxRow, outcome: Outcome) => void {
  const record = prepareOutcome(connection)
  const remove = connection.prepare<[number, number]>(
    'DELETE FROM inbox WHERE user = ? AND seq = ?',
  )
  return (row, outcome) => {
    // A tombstone has ended already.
    record(row, row.removed ?? outcome)
    remove.run(row.user, row.seq)
  }
}

/** Notes how a notification ended for a user. */
export function prepareOutcome(connection: Connection) {
  const insert = connection.prepare<[number, number, Outcome, number | null, number | null]>(
    `INSERT INTO outcomes (notification, user, outcome, seen_at, read_at) VALUES (?, ?, ?, ?, ?)`,
  )
  return (
    {
      notification,
      user,
      seenAt = null,
      readAt = null,
    }: Pick<InboxRow, 'notification' | 'user'> & Partial<InboxRow>,
    outcome: Outcome,
  ): void => {
    insert.run(notification, user, outcome, seenAt, readAt)
  }
}

/**
 * Notes how a notification ended that was stored in no inbox, for those whom it named: they are told of in its deliveries, and
 * what was for one of them alone goes with its user. So it makes the users that are new, as its arrival would have.
 */
export function prepareOutcomeByName(
  connection: Connection,
): (notification: number, users: readonly string[], outcome: Outcome) => void {
  const makeUser = prepareMakeUser(connection)
  const insert = connection.prepare<[number, Outcome, string]>(
    `INSERT INTO outcomes (notification, user, outcome) SELECT ?, id, ? FROM users WHERE name = ?`,
  )
  return (notification, users, outcome) => {
    for (const user of users) {
      if (insert.run(notification, outcome, user).changes > 0) continue
      makeUser(user)
      insert.run(notification, outcome, user)
    }
  }
}
