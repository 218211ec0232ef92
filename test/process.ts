import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { databaseAt } from './back-ends/database.js'
import { Api, SECRET } from './harness.js'

/** The built program; a test may put another in its place, to see what happens when it fails. */
const MAIN =
  process.env['POSTHORN_MAIN'] ?? fileURLToPath(new URL('../dist/main.js', import.meta.url))

const LogLine = z.looseObject({ msg: z.string(), level: z.string() })
export type LogLine = z.infer<typeof LogLine>

/** The real program in a process of its own, as its operator starts it. */
export class ServiceProcess {
  readonly #child: ChildProcess
  /** Every line of its log. */
  readonly log: LogLine[] = []
  readonly #waiting = new Set<() => void>()
  /** What it wrote to standard error. */
  errors = ''
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>

  private constructor(child: ChildProcess) {
    this.#child = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text))
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }))
    })
  }

  /** Starts `posthorn serve` over the database that the path stands for, or `DATABASE_URL`; resolves when it listens. */
  static async start(
    databasePath: string,
    environment: Record<string, string> = {},
    words: readonly string[] = [],
  ): Promise<RunningService> {
    const database = 'DATABASE_URL' in environment ? {} : await databaseAt(databasePath)
    const child = spawn(process.execPath, [MAIN, 'serve', ...words], {
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        ...database,
        JWT_SECRET: SECRET,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const service = new ServiceProcess(child)
    try {
      return Object.assign(service, { api: new Api(await service.#listening()) })
    } catch (error) {
      await service[Symbol.asyncDispose]()
      throw error
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the process did not start')
    return this.#child.pid
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves when it has written a line of this message to its log. */
  logged(message: string): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!this.log.some(({ msg }) => msg === message)) return
        this.#waiting.delete(look)
        resolve()
      }
      this.#waiting.add(look)
      look()
    })
  }

  /** Ends it without warning, as a crash or a power cut does. */
  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill()
  }

  #listening(): Promise<string> {
    const { stdout } = this.#child
    if (!stdout) throw new Error('the process has no output')
    return new Promise((resolve, reject) => {
      createInterface({ input: stdout }).on('line', (text) => {
        const line = LogLine.parse(JSON.parse(text))
        this.log.push(line)
        for (const look of this.#waiting) look()
        if (line.msg === 'listening') resolve(z.string().parse(line['url']))
      })
      void this.exited.then(({ code }) => {
        reject(new Error(`the service ended with ${code} before it listened: ${this.errors}`))
      })
    })
  }
}

export type RunningService = ServiceProcess & { api: Api }

/** Runs a command of `posthorn` to its end. */
export async function runCommand(
  words: string[],
  environment: Record<string, string> = {},
  whileItRuns: (child: ChildProcess) => Promise<void> = () => Promise.resolve(),
): Promise<{ code: number | null; output: string; errors: string }> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    env: { PATH: process.env['PATH'], JWT_SECRET: SECRET, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let errors = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  await Promise.all([once(child, 'close'), whileItRuns(child)])
  return { code: child.exitCode, output, errors }
}
