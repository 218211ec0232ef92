import type { Arrival, SendCommand } from '../../inbox/store.js'
import type { LogBounds } from '../log-bounds.js'
import { prepareAppend } from './append.js'
import type { Connection } from './database.js'
import { prepareInsertNotification } from './notification-rows.js'
import { prepareOutcomeByName } from './rows.js'

/** A notification whose time has come: just sent, or scheduled before and due now. */
export type Accepted = Omit<SendCommand, 'dueAt' | 'idempotency'> & { acceptedAt: number }

/** What has become of it at once. */
export interface Acceptance {
  status: 'stored' | 'fanning_out'
  total: number
  arrivals: Arrival[]
}

/** Brings a notification to those whom it names, or begins to bring it to those whom a topic or everyone means now. */
export function prepareAccept(
  connection: Connection,
  bounds: LogBounds,
): (accepted: Accepted) => Acceptance {
  const insert = prepareInsertNotification(connection)
  const append = prepareAppend(connection, bounds)
  const begin = prepareFanOut(connection)
  const end = prepareOutcomeByName(connection)

  return (accepted) => {
    const { target, acceptedAt: at, collapseKey = null, expiresAt = null } = accepted
    const isOver = expiresAt !== null && expiresAt <= at
    if (target.kind !== 'users') {
      const { total, last } = begin.measure(target)
      const status = isOver ? 'stored' : 'fanning_out'
      const notification = insert({ ...accepted, status, total, stored: 0 })
      const topic = target.kind === 'topic' ? target.topic : null
      if (!isOver) begin.deliver({ notification, topic, last })
      return { status, total, arrivals: [] }
    }
    // What was due while the service was down may have outlived itself.
    const users = isOver ? [] : target.users
    const total = target.users.length
    const stored = users.length
    const notification = insert({ ...accepted, status: 'stored', total, stored })
    if (isOver) end(notification, target.users, 'expired')
    // It is the newest: none gives way.
    const arrivals = users.flatMap(
      (user) => append({ user, notification, collapseKey, expiresAt, at }) ?? [],
    )
    return { status: 'stored', total, arrivals }
  }
}

/** Begins work that is done in chunks. */
export function prepareFanOut(connection: Connection) {
  const subscribed = connection.prepare<[string], Measure>(
    `SELECT count(*) AS total, ifnull(max(id), 0) AS last FROM subscriptions WHERE topic = ?`,
  )
  const known = connection.prepare<[], Measure>(
    'SELECT users AS total, ifnull((SELECT max(id) FROM users), 0) AS last FROM meta',
  )
  const insert = connection.prepare<[number, string, string | null, number]>(
    `INSERT INTO fan_outs (notification, work, topic, last, turn)
     VALUES (?, ?, ?, ?, (SELECT ifnull(max(turn), 0) + 1 FROM fan_outs))`,
  )
  const end = connection.prepare<[number]>('DELETE FROM fan_outs WHERE notification = ?')
  return {
    /** How many are meant, and the last of them. */
    measure(target: { kind: 'topic'; topic: string } | { kind: 'everyone' }): Measure {
      const found = target.kind === 'topic' ? subscribed.get(target.topic) : known.get()
      if (!found) throw new Error('a count returned no row')
      return found
    },
    deliver({
      notification,
      topic,
      last,
    }: {
      notification: number
      topic: string | null
      last: number
    }): void {
      insert.run(notification, 'deliver', topic, last)
    },
    /** In place of its delivery, where that is still under way. */
    recall(notification: number): void {
      end.run(notification)
      insert.run(notification, 'recall', null, Number.MAX_SAFE_INTEGER)
    },
    end(notification: number): void {
      end.run(notification)
    },
  }
}

interface Measure {
  total: number
  last: number
}
