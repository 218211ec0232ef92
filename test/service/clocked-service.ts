import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as z from 'zod/mini'
import { SendReceipt } from '../../src/protocol/send.js'
import type { TestClient } from '../client.js'
import { Api, SECRET, temporaryFolder, tokenFor } from '../harness.js'

const TSX = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
const MAIN = fileURLToPath(new URL('clocked-main.ts', import.meta.url))

/** What the process tells: that it listens, and where its clock stands. */
const Told = z.union([z.object({ url: z.string() }), z.object({ now: z.number() })])
export type Told = z.infer<typeof Told>

/** Tokens outlive every jump of the clock. */
const TTL_SECONDS = 10 * 365 * 86_400

const SCOPES = 'posthorn:send posthorn:read posthorn:broadcast'

/**
 * The real service over a real file, in a process that a test kills and starts again elsewhere in time:
 * `await using machine = await ClockedService.start()`.
 */
export class ClockedService {
  readonly #folder = temporaryFolder()
  readonly #environment: Record<string, string>
  #child: ChildProcess | undefined
  #api: Api | undefined
  /** Where its clock stands. */
  now = Date.now()

  private constructor(environment: Record<string, string>) {
    this.#environment = environment
  }

  static async start(environment: Record<string, string> = {}): Promise<ClockedService> {
    const service = new ClockedService(environment)
    await service.startAgain(0)
    return service
  }

  get databasePath(): string {
    return join(this.#folder.path, 'posthorn.db')
  }

  get api(): Api {
    if (!this.#api) throw new Error('the service is not running')
    return this.#api
  }

  /** Ends it without warning, as a crash or a power cut does. */
  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    this.#api = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await ended
  }

  /** Starts it over the same file, so many milliseconds after its clock stood still. */
  async startAgain(afterMs: number): Promise<void> {
    this.now += afterMs
    this.#child = fork(MAIN, {
      execArgv: ['--import', TSX],
      env: {
        PATH: process.env['PATH'],
        PORT: '0',
        DATABASE_URL: `sqlite:${this.databasePath}`,
        JWT_SECRET: SECRET,
        LOG_LEVEL: 'warn',
        NOW: String(this.now),
        ...this.#environment,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const told = await this.#told()
    if (!('url' in told)) throw new Error('the service told the time before it listened')
    this.#api = new Api(told.url)
  }

  /** Moves the clock on; resolves when the service has it. */
  async pass(milliseconds: number): Promise<void> {
    this.now += milliseconds
    const told = this.#told()
    this.#child?.send({ now: this.now })
    await told
  }

  /** A time by its clock, so many milliseconds from now. */
  in(milliseconds: number): string {
    return new Date(this.now + milliseconds).toISOString()
  }

  async send(body: object): Promise<SendReceipt> {
    const response = await this.request('/v1/notifications', { method: 'POST', body })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return SendReceipt.parse(await response.json())
  }

  /** A request as a service. */
  async request(path: string, options: { method?: string; body?: object } = {}): Promise<Response> {
    const token = await tokenFor('shop', { scope: SCOPES }, { ttlSeconds: TTL_SECONDS })
    return this.api.request(path, { token, ...options })
  }

  /** A request as a user. */
  async ask(user: string, path: string): Promise<unknown> {
    const token = await tokenFor(user, {}, { ttlSeconds: TTL_SECONDS })
    return (await this.api.request(path, { token })).json()
  }

  /** Connects a device; resolves when it has caught up. */
  async connect(user: string, device: string): Promise<TestClient> {
    const token = await tokenFor(user, {}, { ttlSeconds: TTL_SECONDS })
    const client = await this.api.connect(user, { device, token })
    await client.first('caught_up')
    return client
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
    this.#folder[Symbol.dispose]()
  }

  #told(): Promise<Told> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      if (!child) return reject(new Error('the service is not running'))
      child.once('message', (message) => resolve(Told.parse(message)))
      child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)))
    })
  }
}
