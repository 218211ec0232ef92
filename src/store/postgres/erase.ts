import type { ErasureBegun } from '../../inbox/stores/people.js'
import type { Transaction } from './database.js'
import { holdUsers } from './held-logs.js'

/**
 * Takes a user away. Once nothing is left that would bring something to them (what is scheduled, what they are subscribed to),
 * their name goes, and with it the user is gone for everybody: whoever comes by that name again begins another life.
 */
export async function erase(
  transaction: Transaction,
  { user, limit }: { user: string; limit: number },
): Promise<ErasureBegun> {
  // What is scheduled is locked before users are, as by its firing.
  let room = limit - (await unschedule(transaction, user, limit))
  const held = await holdUsers(transaction, [user], { make: false })
  const log = held.get(user)
  if (log && room > 0) {
    room -= await transaction.run(
      `DELETE FROM subscriptions WHERE id = ANY(ARRAY(
         SELECT id FROM subscriptions WHERE user_id = $1 LIMIT $2))`,
      [log.id, room],
    )
  }
  if (room <= 0) return { kind: 'more' }
  if (!log) return { kind: 'unknown' }
  await Promise.all([
    // No user is named by a control character.
    transaction.run('UPDATE users SET name = chr(1) || id WHERE id = $1', [log.id]),
    transaction.run('INSERT INTO erasures (user_id) VALUES ($1)', [log.id]),
    transaction.run('INSERT INTO known_users (delta) VALUES (-1)'),
    // Last: every erasure waits for this row.
    transaction.run('UPDATE meta SET erasures = erasures + 1'),
  ])
  return { kind: 'erased', erasure: log.id, epoch: log.epoch }
}

/** Takes a user out of what is scheduled; what is for nobody else goes whole. Gives how many rows that were. */
async function unschedule(transaction: Transaction, user: string, limit: number): Promise<number> {
  const locked = await transaction.query<{ id: number }>(
    `SELECT id FROM scheduled WHERE id = ANY(ARRAY(
       SELECT scheduled FROM scheduled_users WHERE name = $1 LIMIT $2)) ORDER BY id FOR UPDATE`,
    [user, limit],
  )
  if (locked.length === 0) return 0
  const ids = locked.map(({ id }) => id)
  await Promise.all([
    transaction.run('DELETE FROM scheduled_users WHERE scheduled = ANY($1) AND name = $2', [
      ids,
      user,
    ]),
    transaction.run(
      `DELETE FROM scheduled WHERE id = ANY($1) AND target = 'users'
         AND NOT EXISTS (SELECT 1 FROM scheduled_users WHERE scheduled_users.scheduled = scheduled.id)`,
      [ids],
    ),
  ])
  return ids.length
}
