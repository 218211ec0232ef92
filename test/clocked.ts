import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as z from 'zod/mini'
import { databaseAt } from './back-ends/database.js'
import { Api, SECRET } from './harness.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const MAIN = fileURLToPath(new URL('clocked-main.ts', import.meta.url))

/** What the process is told: where its clock stands from now on. */
export const Moved = z.object({ now: z.number() })

/** What the process tells: that it listens, and that its clock was moved. */
const Told = z.union([z.object({ url: z.string() }), Moved])
export type Told = z.infer<typeof Told>

/** The service in a process of its own, with a clock that only the test moves. */
export class ClockedProcess {
  readonly api: Api
  readonly exited: Promise<number | null>
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.#child = child
    this.api = new Api(url)
    this.exited = new Promise((resolve) => child.once('close', (code) => resolve(code)))
  }

  /** Starts it over a database, its clock at `now` in milliseconds since 1970; resolves when it listens. */
  static async start(
    databasePath: string,
    now: number,
    environment: Record<string, string>,
  ): Promise<ClockedProcess> {
    const database = await databaseAt(databasePath)
    const child = fork(MAIN, {
      execArgv: ['--import', TSX],
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        ...database,
        // Who comes back is who was killed: it need not wait for the end of what it had leased.
        NODE_NAME: 'clocked',
        JWT_SECRET: SECRET,
        LOG_LEVEL: 'error',
        NOW: String(now),
        ...environment,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const told = await toldBy(child)
    if (!('url' in told)) throw new Error('the service told the time before it listened')
    return new ClockedProcess(child, told.url)
  }

  /** Moves its clock; resolves when it has done so. */
  async moveTo(now: number): Promise<void> {
    const told = toldBy(this.#child)
    this.#child.send({ now })
    await told
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal('SIGKILL')
    await this.exited
  }
}

function toldBy(child: ChildProcess): Promise<Told> {
  return new Promise((resolve, reject) => {
    const end = (code: number | null): void => {
      reject(new Error(`the service ended with ${code}`))
    }
    child.once('exit', end)
    child.once('message', (message) => {
      child.off('exit', end)
      resolve(Told.parse(message))
    })
  })
}
