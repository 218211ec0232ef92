import type { Config } from './config.js'
import { backUp as backUpDatabase } from './store/sqlite/backup.js'

/**
 * Copies the database of a service with these settings to a file that is not there yet; the service may run meanwhile.
 * @throws Error where that can't be done; nothing is left then
 */
export function backUp(
  { databasePath }: Config,
  target: string,
): { users: number; notifications: number } {
  return backUpDatabase(databasePath, target)
}
