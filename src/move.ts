import { ConfigError, readConfig } from './config.js'
import type { Moved, MoveProgress } from './store/move/move.js'

export type { Moved, MoveProgress }

/**
 * Moves a log from a SQLite file into PostgreSQL, both named as by `DATABASE_URL`.
 * @throws ConfigError where they are not named so, Error where that can't be done, or ends on its way
 */
export async function move(
  from: string,
  to: string,
  told: (progress: MoveProgress) => void,
): Promise<Moved> {
  const source = readConfig({ DATABASE_URL: from }).database
  const target = readConfig({ DATABASE_URL: to }).database
  if (source.kind !== 'sqlite' || target.kind !== 'postgres') {
    throw new ConfigError(['a move goes from sqlite: to postgres://'])
  }
  const { moveDatabase } = await import('./store/move/move.js')
  return moveDatabase(source.path, target.url, told)
}
