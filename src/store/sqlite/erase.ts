import type { ErasureBegun } from '../../inbox/stores/people.js'
import type { Connection } from './database.js'
import { prepareHead } from './head.js'

/**
 * Takes a user away. Once nothing is left that would bring something to them (what is scheduled, what they are subscribed to),
 * their name goes, and with it the user is gone for everybody: whoever comes by that name again begins another life.
 */
export function prepareErase(
  connection: Connection,
): (command: { user: string; limit: number }) => ErasureBegun {
  const head = prepareHead(connection)
  const unschedule = prepareUnscheduleUser(connection)
  const unsubscribe = connection.prepare<[number, number]>(
    `DELETE FROM subscriptions WHERE id IN (SELECT id FROM subscriptions WHERE user = ? LIMIT +?)`,
  )
  // No user is named by a control character.
  const rename = connection.prepare<[number]>('UPDATE users SET name = char(1) || id WHERE id = ?')
  const enter = connection.prepare<[number]>('INSERT INTO erasures (user) VALUES (?)')
  const count = connection.prepare('UPDATE meta SET erasures = erasures + 1')

  return ({ user, limit }) => {
    let room = limit - unschedule(user, limit)
    const { id, epoch } = head(user)
    if (id !== undefined && room > 0) room -= unsubscribe.run(id, room).changes
    if (room <= 0) return { kind: 'more' }
    if (id === undefined) return { kind: 'unknown' }
    rename.run(id)
    enter.run(id)
    count.run()
    return { kind: 'erased', erasure: id, epoch }
  }
}

/** Takes a user out of what is scheduled; what is for nobody else goes whole. Gives how many rows that were. */
function prepareUnscheduleUser(connection: Connection) {
  const select = connection
    .prepare<[string, number], number>(
      'SELECT scheduled FROM scheduled_users WHERE name = ? LIMIT +?',
    )
    .pluck()
  const removeUser = connection.prepare<[number, string]>(
    'DELETE FROM scheduled_users WHERE scheduled = ? AND name = ?',
  )
  const remove = connection.prepare<{ id: number }>(
    `DELETE FROM scheduled WHERE id = :id AND target = 'users'
       AND NOT EXISTS (SELECT 1 FROM scheduled_users WHERE scheduled = :id)`,
  )
  return (user: string, limit: number): number => {
    const found = select.all(user, limit)
    for (const id of found) {
      removeUser.run(id, user)
      remove.run({ id })
    }
    return found.length
  }
}
