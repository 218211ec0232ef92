import type { Config } from './config.js'
import { backUp as backUpDatabase } from './store/sqlite/backup.js'

/**
 * Copies the database of a service with these settings to a file that is not there yet; the service may run meanwhile.
 * @throws Error where that can't be done; nothing is left then
 */
export function backUp(
  { database }: Config,
  target: string,
): { users: number; notifications: number } {
  if (database.kind === 'postgres') {
    throw new Error(
      'back up PostgreSQL by its own tools, like pg_dump; a restored copy is started once with `posthorn serve --new-epoch`',
    )
  }
  return backUpDatabase(database.path, target)
}
