import type { Connection } from './database.js'

/**
 * Removes what is left of a user who was erased, some rows a step. The user's own row goes in the step that finds nothing
 * else, so that no row can be forgotten that came between two steps.
 */
export function preparePurge(
  connection: Connection,
): (command: { erasure?: number; limit: number }) => { more: boolean } {
  const find = connection
    .prepare<{ erasure: number | null }, number>(
      `SELECT user FROM erasures WHERE user >= ifnull(:erasure, 0) AND user <= ifnull(:erasure, user)
       ORDER BY user LIMIT 1`,
    )
    .pluck()
  const another = connection
    .prepare<[], number>('SELECT 1 FROM erasures WHERE user > 0 LIMIT 1')
    .pluck()
  const parts = [preparePurgeEntries(connection), ...prepareSimpleParts(connection)]
  const leave = connection.prepare<[number]>('DELETE FROM erasures WHERE user = ?')
  const remove = connection.prepare<[number]>('DELETE FROM users WHERE id = ?')

  return ({ erasure, limit }) => {
    const user = find.get({ erasure: erasure ?? null })
    if (user === undefined) return { more: false }
    let room = limit
    for (const purge of parts) {
      room -= purge(user, room)
      if (room <= 0) return { more: true }
    }
    leave.run(user)
    remove.run(user)
    return { more: erasure === undefined && another.get() !== undefined }
  }
}

/** Removes at most so many rows of a user; gives how many those were. */
type Part = (user: number, room: number) => number

/** Where a user's rows are found by the user, and nothing hangs on them. */
function prepareSimpleParts(connection: Connection): Part[] {
  return ['devices', 'subscriptions'].map((table) => {
    const remove = connection.prepare<[number, number]>(
      `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} WHERE user = ? LIMIT +?)`,
    )
    return (user, room) => remove.run(user, room).changes
  })
}

/** What the user has, and what became of what the user had; with each the content, where it was for nobody else. */
function preparePurgeEntries(connection: Connection): Part {
  const tables = (['inbox', 'outcomes'] as const).map((table) => ({
    select: connection
      .prepare<[number, number], number>(
        `SELECT notification FROM ${table} WHERE user = ? LIMIT +?`,
      )
      .pluck(),
    remove: connection.prepare<[number, number]>(
      `DELETE FROM ${table} WHERE notification = ? AND user = ?`,
    ),
  }))
  const forgetOwn = connection.prepare<{ notification: number; user: number }>(
    `DELETE FROM deliveries WHERE notification = :notification
       AND device IN (SELECT id FROM devices WHERE user = :user)`,
  )
  const forgetOrphan = prepareForgetOrphan(connection)

  return (user, room) => {
    let removed = 0
    for (const { select, remove } of tables) {
      for (const notification of select.all(user, room - removed)) {
        removed += forgetOwn.run({ notification, user }).changes
        removed += remove.run(notification, user).changes
        removed += forgetOrphan(notification)
        if (removed >= room) return removed
      }
    }
    return removed
  }
}

/** Forgets a notification that is, and will be, nobody's; gives how many rows that were. */
function prepareForgetOrphan(connection: Connection) {
  const isOrphan = connection
    .prepare<{ id: number }, number>(
      // A fan-out that was for one alone reaches nobody any more; another may still.
      `SELECT 1 FROM notifications WHERE id = :id
         AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.notification = :id)
         AND NOT EXISTS (SELECT 1 FROM outcomes WHERE outcomes.notification = :id)
         AND (total <= 1 OR NOT EXISTS (
           SELECT 1 FROM fan_outs WHERE fan_outs.notification = :id AND work = 'deliver'))`,
    )
    .pluck()
  const endFanOut = connection.prepare<[number]>('DELETE FROM fan_outs WHERE notification = ?')
  const forgetDeliveries = connection.prepare<[number]>(
    'DELETE FROM deliveries WHERE notification = ?',
  )
  const remove = connection.prepare<[number]>('DELETE FROM notifications WHERE id = ?')
  return (notification: number): number => {
    if (isOrphan.get({ id: notification }) === undefined) return 0
    return [endFanOut, forgetDeliveries, remove]
      .map((statement) => statement.run(notification).changes)
      .reduce((sum, changes) => sum + changes, 0)
  }
}
