import { join } from 'node:path'
import { SendReceipt } from '../../src/protocol/send.js'
import type { TestClient } from '../client.js'
import { ClockedProcess } from '../clocked.js'
import { temporaryFolder, tokenFor, type Api } from '../harness.js'

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
  #process: ClockedProcess | undefined
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
    return this.#running.api
  }

  /** Ends it without warning, as a crash or a power cut does. */
  async kill(): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]()
    this.#process = undefined
  }

  /** Starts it over the same file, so many milliseconds after its clock stood still. */
  async startAgain(afterMs: number): Promise<void> {
    this.now += afterMs
    this.#process = await ClockedProcess.start(this.databasePath, this.now, this.#environment)
  }

  /** Moves the clock on; resolves when the service has it. */
  async pass(milliseconds: number): Promise<void> {
    this.now += milliseconds
    await this.#running.moveTo(this.now)
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

  get #running(): ClockedProcess {
    if (!this.#process) throw new Error('the service is not running')
    return this.#process
  }
}
