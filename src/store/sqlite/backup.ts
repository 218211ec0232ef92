import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { openOnlooker } from './database.js'
import { inspectDatabase, type Inspection } from './inspect.js'
import { DatabaseLock } from './lock.js'
import { isUpToDate } from './migrate.js'

/**
 * Copies a database to a file that is not there yet, as it is at one moment, while a service may run over it. The copy is looked
 * through before it gets its name, and is marked: whoever opens it draws another epoch. What a backup to the same file left that
 * was killed is cleared away.
 * @throws Error where there is no sound database of this version, the file can't be made, or another backup makes it just now
 */
export function backUp(path: string, target: string): Extract<Inspection, { kind: 'sound' }> {
  if (!existsSync(path)) throw new Error(`${path} is not there`)
  const partial = `${target}.partial`
  // Who holds it lives: a process by its number may be another one, or one in another container.
  const lock = DatabaseLock.take(partial, `another backup to ${target} is under way`)
  try {
    if (existsSync(target)) throw new Error(`${target} is there already`)
    remove(partial)
    // Made by us, so that only its owner may read it.
    closeSync(openSync(partial, 'wx', 0o600))
    copy(path, partial)
    mark(partial)
    const found = inspectDatabase(partial)
    if (found.kind !== 'sound') throw new Error(`${path}: ${complaintOf(found)}`)
    sync(partial)
    renameSync(partial, target)
    sync(dirname(target))
    return found
  } finally {
    remove(partial)
    lock.free()
  }
}

function remove(partial: string): void {
  for (const end of ['', '-journal']) rmSync(`${partial}${end}`, { force: true })
}

/** In one read of one moment (https://sqlite.org/lang_vacuum.html#vacuuminto): SQLite's backup API begins anew at each write of a service. */
function copy(path: string, target: string): void {
  const connection = openOnlooker(path)
  try {
    if (!isUpToDate(connection))
      throw new Error('the database is of an older version: start the service once')
    // It writes to the other file alone, which SQLite refuses all the same.
    connection.pragma('query_only = OFF')
    connection.prepare<[string]>('VACUUM INTO ?').run(target)
  } finally {
    connection.close()
  }
}

function mark(path: string): void {
  const connection = new Database(path, { fileMustExist: true })
  try {
    connection.prepare('UPDATE meta SET is_copy = 1').run()
  } finally {
    connection.close()
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function complaintOf(found: Exclude<Inspection, { kind: 'sound' }>): string {
  return found.kind === 'broken' ? found.complaints.join('; ') : `the copy is ${found.kind}`
}
