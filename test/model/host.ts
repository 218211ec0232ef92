import { join } from 'node:path'
import { temporaryFolder, type Api } from '../harness.js'
import { ClockedProcess } from '../clocked.js'
import { MAX_UNACKED } from './connection.js'

/** Most entries of an inbox: so few that many runs come to them, and in every other house so many that none does. */
const LIMITS = [1_000, 6]

/** So many runs share one file: what is for everyone reaches all who are in it. */
const RUNS_PER_FILE = 25

/** The program that runs share, over one file and with one clock; a run may end it, and then it comes back over the same file. */
export class Host {
  /** Where its clock stands, in milliseconds since 1970; it begins at a whole second, as tokens count. */
  now = Math.floor(Date.now() / 1_000) * 1_000
  #files = 0
  #runs = 0
  #folder: ReturnType<typeof temporaryFolder> | undefined
  #service: ClockedProcess | undefined

  /** Most entries of an inbox. */
  get inboxLimit(): number {
    return LIMITS[this.#files % LIMITS.length] ?? NaN
  }

  /** One more run begins; from time to time in a new house. */
  async begin(): Promise<Api> {
    if (this.#runs % RUNS_PER_FILE === 0) {
      await this[Symbol.asyncDispose]()
      this.#files += 1
    }
    this.#runs += 1
    return this.running()
  }

  /** The program, started where it does not run. */
  async running(): Promise<Api> {
    this.#folder ??= temporaryFolder()
    const path = join(this.#folder.path, 'posthorn.db')
    this.#service ??= await ClockedProcess.start(path, this.now, {
      MAX_UNACKED: String(MAX_UNACKED),
      INBOX_LIMIT: String(this.inboxLimit),
      RETENTION_DAYS: '1',
    })
    return this.#service.api
  }

  /** Moves the clock; while the program does not run, it comes back at that time. */
  async moveTo(now: number): Promise<void> {
    this.now = now
    await this.#service?.moveTo(now)
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#service?.signal(signal)
  }

  /** Resolves when the program that was signalled is gone; tells its exit code where it ended by itself. */
  async gone(): Promise<number | null> {
    const code = await this.#service?.exited
    this.#service = undefined
    return code ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]()
    this.#service = undefined
    this.#folder?.[Symbol.dispose]()
    this.#folder = undefined
  }
}
