import type { Database } from './database.js'

/**
 * Begins another life of all logs where that is asked for: after a restore, of which clients may know more than the database does. Gives
 * the one that goes on.
 * @throws Error where another database is being moved into this one
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
    const [drawn] = await transaction.query<{ epoch: string }>(
      `UPDATE meta SET epoch = replace(gen_random_uuid()::text, '-', '') RETURNING epoch`,
    )
    return drawn?.epoch ?? meta.epoch
  })
}
