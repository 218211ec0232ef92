import { accessSync, constants, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ErrorCode } from '../../protocol/errors.js'

/**
 * What may keep the database from its work and is none of the request's making, in words that an operator can act on. They are
 * shown to whoever asks `readyz`: no path and no message of SQLite's stands in them.
 */
export const TROUBLES = {
  full: { code: 'storage_full', says: 'the disk is full' },
  readOnly: { code: 'store_unavailable', says: 'the database is read-only' },
  held: { code: 'store_unavailable', says: 'another process holds the database' },
  taken: { code: 'store_unavailable', says: 'another Posthorn runs over this database' },
  failing: { code: 'store_unavailable', says: 'the disk answers with errors' },
  moved: {
    code: 'store_unavailable',
    says: 'the file of the database was moved or replaced: restart the service',
  },
  unlocked: {
    code: 'store_unavailable',
    says: 'the lock file of the database was deleted: restart the service',
  },
  unreachable: { code: 'store_unavailable', says: 'the file of the database cannot be opened' },
  damaged: {
    code: 'store_unavailable',
    says: 'the database is damaged: run `posthorn check`, and restore a backup',
  },
  memory: { code: 'store_unavailable', says: 'there is no memory left' },
} as const satisfies Record<string, { code: ErrorCode; says: string }>

export type Trouble = keyof typeof TROUBLES

/** A trouble that was found without SQLite's help. */
export class TroubleError extends Error {
  override readonly name = 'TroubleError'
  readonly trouble: Trouble

  constructor(trouble: Trouble, message: string = TROUBLES[trouble].says) {
    super(message)
    this.trouble = trouble
  }
}

/** By the beginning of SQLite's code (https://sqlite.org/rescode.html), the longer ones first. */
const BY_CODE: readonly (readonly [string, Trouble])[] = [
  ['SQLITE_READONLY_DBMOVED', 'moved'],
  ['SQLITE_READONLY', 'readOnly'],
  ['SQLITE_FULL', 'full'],
  ['SQLITE_BUSY', 'held'],
  ['SQLITE_LOCKED', 'held'],
  ['SQLITE_IOERR', 'failing'],
  ['SQLITE_CANTOPEN', 'unreachable'],
  ['SQLITE_CORRUPT', 'damaged'],
  ['SQLITE_NOTADB', 'damaged'],
  ['SQLITE_NOMEM', 'memory'],
]

/** The trouble that a failure shows; undefined where it is a fault of ours. */
export function troubleOf(sqliteCode: string, path: string): Trouble | undefined {
  const found = BY_CODE.find(([beginning]) => sqliteCode.startsWith(beginning))?.[1]
  // SQLite has one code for all that a disk refuses, a file system that has become read-only among them.
  return found === 'failing' || found === 'unreachable' ? (causeOnDisk(path) ?? found) : found
}

function causeOnDisk(path: string): Trouble | undefined {
  try {
    accessSync(path, constants.W_OK)
  } catch (error) {
    // Said of the file system even to the superuser (access(2)).
    if (isRefusal(error)) return 'readOnly'
  }
  return hasRoom(path) ? undefined : 'full'
}

function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'EROFS' || code === 'EACCES' || code === 'EPERM'
}

/** What must be free before a disk that was full is taken for usable again: 1 MiB. A probe of a page may fit where a send does not. */
const ROOM_BYTES = 1024 * 1024

/** Whether there is room beside a file; yes where the file system doesn't tell. */
export function hasRoom(path: string): boolean {
  try {
    const { blocks, bavail, bsize } = statfsSync(dirname(path))
    return blocks === 0 || bavail * bsize >= ROOM_BYTES
  } catch {
    return true
  }
}
