import { receiptOf } from '../../inbox/receipt.js'
import {
  IDEMPOTENCY_MS,
  type Arrival,
  type SendCommand,
  type SendOutcome,
} from '../../inbox/store.js'
import type { Connection } from './database.js'
import { prepareIdempotency } from './idempotency.js'

interface UserRow {
  id: number
  latest: number
  unread: number
  unseen: number
}

/** Appends a notification to the log of each of its users. */
export function prepareSend(connection: Connection): (command: SendCommand) => SendOutcome {
  const idempotency = prepareIdempotency(connection)
  const insertNotification = connection.prepare<
    [string, string, string, string, number, number, number]
  >(
    `INSERT INTO notifications (uuid, issuer, subject, content, created_at, total, stored)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  // `seq` comes from the user's own row, so that the commits of one user are in its order.
  const advanceUser = connection.prepare<[string], UserRow>(
    `UPDATE users SET latest = latest + 1, unread = unread + 1, unseen = unseen + 1
     WHERE name = ? RETURNING id, latest, unread, unseen`,
  )
  // Apart from the update: an upsert would use up an id of AUTOINCREMENT each time.
  const makeUser = connection.prepare<[string], UserRow>(
    `INSERT INTO users (name, life, latest, unread, unseen)
     VALUES (?, (SELECT erasures FROM meta), 1, 1, 1) RETURNING id, latest, unread, unseen`,
  )
  const insertEntry = connection.prepare<[number, number, number, number | bigint]>(
    'INSERT INTO inbox (user, seq, arrived_seq, notification) VALUES (?, ?, ?, ?)',
  )

  return (command) => {
    const { id, sender, users, createdAt } = command
    if (command.idempotency) {
      const earlier = idempotency.find(sender, command.idempotency.key, createdAt)
      if (earlier?.fingerprint === command.idempotency.fingerprint) {
        return { kind: 'replayed', receipt: earlier.receipt }
      }
      if (earlier) return { kind: 'key_reused' }
    }
    const { lastInsertRowid: notification } = insertNotification.run(
      id,
      sender.issuer,
      sender.subject,
      command.contentJson,
      createdAt,
      users.length,
      users.length,
    )
    const arrivals = users.map((user): Arrival => {
      const row = advanceUser.get(user) ?? makeUser.get(user)
      if (!row) throw new Error('an insert returned no row')
      insertEntry.run(row.id, row.latest, row.latest, notification)
      return { user, seq: row.latest, unread: row.unread, unseen: row.unseen }
    })
    const receipt = receiptOf(command, arrivals)
    if (command.idempotency) {
      idempotency.keep(sender, command.idempotency, receipt, createdAt + IDEMPOTENCY_MS, createdAt)
    }
    return { kind: 'stored', receipt, arrivals }
  }
}
