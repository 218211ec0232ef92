import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'

const SQLITE = createRequire(import.meta.url).resolve('better-sqlite3')

/** Begins a transaction, says so, and keeps it until its input ends. */
const PROGRAM = `
  const [, sqlite, path, begin] = process.argv
  const database = new (require(sqlite))(path, { timeout: 20000 })
  database.exec(begin)
  console.log('held')
  process.stdin.on('end', () => { database.exec('ROLLBACK'); database.close() }).resume()
`

/** Another process that holds the lock of a database until it lets go: a backup tool, say, or a shell that was left open. */
export class LockHolder {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'close')
  }

  /** Resolves when it has the lock. */
  static async start(
    path: string,
    begin: 'BEGIN IMMEDIATE' | 'BEGIN EXCLUSIVE' = 'BEGIN EXCLUSIVE',
  ): Promise<LockHolder> {
    const child = spawn(process.execPath, ['-e', PROGRAM, SQLITE, path, begin], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const holder = new LockHolder(child)
    await once(child.stdout, 'data')
    return holder
  }

  /** Lets go; resolves when it has. */
  async release(): Promise<void> {
    this.#child.stdin?.end()
    await this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null) await this.release()
  }
}
