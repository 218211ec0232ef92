import { statSync } from 'node:fs'
import type { Connection } from './database.js'
import type { DatabaseLock } from './lock.js'
import { hasRoom, TroubleError } from './trouble.js'

/**
 * Writes one page, to see whether that can be done: an empty transaction would touch no disk, and nor does a row that is written
 * as it was. With `needsRoom` there must be more room than that, too.
 */
export function prepareProbe(
  connection: Connection,
): (probe: { needsRoom: boolean }) => { ok: true } {
  return ({ needsRoom }) => {
    if (needsRoom && !hasRoom(connection.name)) throw new TroubleError('full')
    const version = Number(connection.pragma('user_version', { simple: true }))
    connection.pragma(`user_version = ${version}`)
    return { ok: true }
  }
}

/**
 * Looks whether the database is still at its path: a file that was taken away is written to in vain, since nobody finds it again.
 * SQLite itself looks in rollback mode alone. Without its lock's file a second service may have started: the first then gives way.
 */
export function prepareRequireInPlace(path: string, lock: DatabaseLock): () => void {
  const files = [path, `${path}-wal`]
  const opened = files.map(inodeOf)
  return () => {
    if (files.some((file, index) => inodeOf(file) !== opened[index]))
      throw new TroubleError('moved')
    if (!lock.isInPlace()) throw new TroubleError('unlocked')
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}
