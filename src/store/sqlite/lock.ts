import { closeSync, existsSync, openSync, realpathSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { TroubleError } from './trouble.js'

/** How often a file that another process takes away meanwhile is made anew. */
const TRIES = 5

/**
 * Holds a database for one service, since two over one file would each believe that it alone knows what is new, or the making of
 * one for one backup. The lock lies on a file of its own beside the database, which others may still read, and is freed by the
 * system where the process is killed.
 * @throws TroubleError where another has it
 */
export class DatabaseLock {
  readonly #connection: Database.Database
  readonly #path: string
  readonly #inode: number

  private constructor(connection: Database.Database, path: string, inode: number) {
    this.#connection = connection
    this.#path = path
    this.#inode = inode
  }

  /** @throws Error that says `taken` where another process has it */
  static take(
    databasePath: string,
    taken = 'another Posthorn runs over this database',
  ): DatabaseLock {
    const path = `${databasePath}-lock`
    for (let tries = 0; tries < TRIES; tries++) {
      makeFile(path)
      const made = statSync(path, { throwIfNoEntry: false })?.ino
      const connection = new Database(path, { timeout: 0 })
      try {
        connection.exec('BEGIN EXCLUSIVE')
      } catch (error) {
        connection.close()
        if (!(error instanceof Database.SqliteError) || error.code !== 'SQLITE_BUSY') throw error
        throw new TroubleError('taken', taken)
      }
      // Whoever held it before may have taken the file away while we opened it: what we hold then, nobody else would find.
      if (statSync(path, { throwIfNoEntry: false })?.ino === made && made !== undefined) {
        return new DatabaseLock(connection, path, made)
      }
      connection.close()
    }
    throw new Error(`${path} is taken away again and again`)
  }

  /** Whether its file is still where others look for it: one that was deleted keeps nobody out. */
  isInPlace(): boolean {
    return statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#inode
  }

  /** Frees it, and takes the file away while nobody else can hold it. */
  free(): void {
    if (this.isInPlace()) rmSync(this.#path, { force: true })
    this.#connection.close()
  }
}

/**
 * Where the file lies that a path leads to, so that who comes by a symbolic link finds the same lock.
 * @throws Error where the file has another name: SQLite would keep a write-ahead log for each
 *   (https://sqlite.org/howtocorrupt.html §2.5)
 */
export function placeOf(databasePath: string): string {
  const place = realpathSync(databasePath)
  if (statSync(place).nlink > 1) {
    throw new Error('the file has another name (a hard link): start on a file that has one alone')
  }
  return place
}

/**
 * Makes it where it is not there. One that is there is not opened here: closing it again would free what this process holds of it
 * (https://sqlite.org/howtocorrupt.html §2.2).
 */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!existsSync(path)) throw error
  }
}
