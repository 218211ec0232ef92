import * as z from 'zod/mini'
import type { MoveSource } from './source.js'
import type { MoveTarget } from './target.js'
import { MOVED_TABLES } from './tables.js'

const Counted = z.object({ count: z.string() })
const Named = z.object({ name: z.string() })

/**
 * Counts what has arrived, table by table, and the inboxes beside what their users' rows say of them. Of those who are being erased what
 * is left need not fit together.
 * @throws Error where something is missing, or there twice
 */
export async function prove(source: MoveSource, target: MoveTarget): Promise<void> {
  for (const table of MOVED_TABLES) {
    const [found] = await target.query(`SELECT count(*) FROM ${table.name}`)
    const [came, went] = [Number(Counted.parse(found).count), source.count(table)]
    if (came !== went) {
      throw new Error(`${table.name}: ${came} rows have arrived of ${went}: nothing was finished`)
    }
  }
  const wrong = await target.query(
    `SELECT users.name FROM users LEFT JOIN (
       SELECT user_id, count(*) AS rows, count(removed) AS tombstones,
         count(*) FILTER (WHERE removed IS NULL AND archived_at IS NULL AND read_at IS NULL) AS unread,
         count(*) FILTER (WHERE removed IS NULL AND archived_at IS NULL AND seen_at IS NULL) AS unseen
       FROM inbox GROUP BY user_id
     ) AS held ON held.user_id = users.id
     WHERE (users.entries + users.tombstones, users.tombstones, users.unread, users.unseen)
         IS DISTINCT FROM (coalesce(rows, 0), coalesce(held.tombstones, 0),
           coalesce(held.unread, 0), coalesce(held.unseen, 0))
       AND users.id NOT IN (SELECT user_id FROM erasures)
     ORDER BY users.id LIMIT 1`,
  )
  const [user] = z.array(Named).parse(wrong)
  if (user) {
    const name = JSON.stringify(user.name)
    throw new Error(`the user ${name} has another inbox than before: nothing was finished`)
  }
}
