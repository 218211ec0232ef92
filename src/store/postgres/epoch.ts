import type { Database } from './database.js'
import { livingNodes } from './nodes.js'

/**
 * Begins another life of all logs where that is asked for: after a restore, of which clients may know more than the database does. Gives
 * the one that goes on.
 * @throws Error where another database is being moved into this one, or another life is asked for while nodes still serve this one
 */
export async function settleEpoch(
  database: Database,
  { anew }: { anew: boolean },
): Promise<string> {
  return database.transaction(async (transaction) => {
    const [meta] = await transaction.query<{ filling: string | null; epoch: string }>(
      'SELECT filling, epoch FROM meta FOR UPDATE',
    )
    if (!meta) throw new Error('The database says nothing of which one it is.')
    if (meta.filling !== null) {
      throw new Error(
        'A move into this database has not ended: call `posthorn migrate-data` again first.',
      )
    }
    if (!anew) return meta.epoch
    // Those would go on in the former life: what their devices acknowledge would count for nothing.
    if ((await livingNodes(transaction)) > 0) {
      throw new Error(
        'Other nodes serve this database: stop all before `--new-epoch`. One that was killed counts for 15 seconds more.',
      )
    }
    const [drawn] = await transaction.query<{ epoch: string }>(
      `UPDATE meta SET epoch = replace(gen_random_uuid()::text, '-', '') RETURNING epoch`,
    )
    return drawn?.epoch ?? meta.epoch
  })
}
