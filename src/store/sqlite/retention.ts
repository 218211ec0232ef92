import type {
  ForgetCommand,
  Forgettable,
  ForgettableQuery,
  Overfull,
  OverfullQuery,
  TrimCommand,
  Trimmed,
} from '../../inbox/stores/lifetimes.js'
import { isOverfull, type LogBounds } from '../log-bounds.js'
import type { Connection } from './database.js'
import { prepareTrim, USER_LOG_COLUMNS, type UserLog } from './trim.js'

/** Users whose log holds what retention takes, among the next so many after a place. */
export function prepareOverfull(connection: Connection, bounds: LogBounds) {
  const select = connection.prepare<
    [number, number],
    Pick<UserLog, 'id' | 'entries' | 'tombstones'> & { name: string; oldestAt: number | null }
  >(
    `SELECT id, name, entries, tombstones,
       (SELECT moved_at FROM inbox WHERE inbox.user = users.id ORDER BY seq LIMIT 1) AS oldestAt
     FROM users WHERE id > ? ORDER BY id LIMIT +?`,
  )
  return ({ after, limit, agedBefore }: OverfullQuery): Overfull => {
    const rows = select.all(after, limit)
    const isAged = (oldestAt: number | null): boolean => oldestAt !== null && oldestAt < agedBefore
    return {
      users: rows
        .filter((row) => isAged(row.oldestAt) || isOverfull(row, bounds))
        .map(({ name }) => name),
      next: rows.length === limit ? rows.at(-1)?.id : undefined,
    }
  }
}

/** Removes what is too old or too much from the beginning of one user's log. */
export function prepareTrimUser(
  connection: Connection,
  bounds: LogBounds,
): (command: TrimCommand) => Trimmed {
  const find = connection.prepare<[string], UserLog>(
    `SELECT ${USER_LOG_COLUMNS} FROM users WHERE name = ?`,
  )
  const trim = prepareTrim(connection, bounds)
  return ({ user, agedBefore, limit }) => {
    const log = find.get(user)
    if (!log) return { removed: 0, latest: 0, more: false }
    // The sweep, which comes more often, has taken what expired since.
    const { removed, latest } = trim(log, { at: agedBefore, agedBefore, limit })
    return { removed, latest, more: removed === limit }
  }
}

/** Whether nobody has it any more, and nothing is still to be done with it. */
const IS_FREE = `NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.notification = notifications.id)
  AND NOT EXISTS (SELECT 1 FROM fan_outs WHERE fan_outs.notification = notifications.id)`

/** Notifications that nobody has any more, among the next so many after a place, in the order of acceptance. */
export function prepareForgettable(connection: Connection) {
  const select = connection.prepare<
    { acceptedAt: number; id: number; acceptedBefore: number; limit: number },
    { acceptedAt: number; id: number; isFree: number }
  >(
    `SELECT accepted_at AS acceptedAt, id, ${IS_FREE} AS isFree FROM notifications
     WHERE (accepted_at, id) > (:acceptedAt, :id) AND accepted_at < :acceptedBefore
     ORDER BY accepted_at, id LIMIT +:limit`,
  )
  return ({ after, limit, acceptedBefore }: ForgettableQuery): Forgettable => {
    const { acceptedAt, id } = after ?? { acceptedAt: 0, id: 0 }
    const rows = select.all({ acceptedAt, id, acceptedBefore, limit })
    const last = rows.length === limit ? rows.at(-1) : undefined
    return {
      notifications: rows.filter(({ isFree }) => isFree === 1).map(({ id }) => id),
      next: last && { acceptedAt: last.acceptedAt, id: last.id },
    }
  }
}

/** Forgets such notifications, and what became of them. */
export function prepareForget(connection: Connection) {
  const isForgettable = connection
    .prepare<{ id: number; acceptedBefore: number }, number>(
      `SELECT 1 FROM notifications WHERE id = :id AND accepted_at < :acceptedBefore AND ${IS_FREE}`,
    )
    .pluck()
  const forgetOutcomes = connection.prepare<[number, number]>(
    `DELETE FROM outcomes WHERE (notification, user) IN
       (SELECT notification, user FROM outcomes WHERE notification = ? LIMIT +?)`,
  )
  const forgetDeliveries = connection.prepare<[number, number]>(
    `DELETE FROM deliveries WHERE (notification, device) IN
       (SELECT notification, device FROM deliveries WHERE notification = ? LIMIT +?)`,
  )
  const remove = connection.prepare<[number]>('DELETE FROM notifications WHERE id = ?')

  return (command: ForgetCommand): { more: boolean } => {
    const { notifications, acceptedBefore } = command
    let room = command.limit
    for (const id of notifications) {
      // It may have been a read of some time ago that named them.
      if (isForgettable.get({ id, acceptedBefore }) === undefined) continue
      room -= forgetOutcomes.run(id, room).changes
      if (room > 0) room -= forgetDeliveries.run(id, room).changes
      if (room > 0) room -= remove.run(id).changes
      if (room <= 0) return { more: true }
    }
    return { more: false }
  }
}
