import { join } from 'node:path'
import { temporaryFolder, type Api } from '../harness.js'
import { ServiceProcess, type RunningService } from '../process.js'
import { MAX_UNACKED } from './connection.js'

const ENVIRONMENT = { MAX_UNACKED: String(MAX_UNACKED), LOG_LEVEL: 'info' }

/** The program that all runs share, over one file; a run may end it, and then it comes back over the same file. */
export class Host {
  readonly #folder = temporaryFolder()
  #service: RunningService | undefined

  /** The program, started where it does not run. */
  async running(): Promise<Api> {
    const path = join(this.#folder.path, 'posthorn.db')
    this.#service ??= await ServiceProcess.start(path, ENVIRONMENT)
    return this.#service.api
  }

  signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    this.#service?.signal(signal)
  }

  /** Resolves when the program that was signalled is gone; tells its exit code where it ended by itself. */
  async gone(): Promise<number | null> {
    const ended = await this.#service?.exited
    this.#service = undefined
    return ended?.code ?? null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service?.[Symbol.asyncDispose]()
    this.#folder[Symbol.dispose]()
  }
}
