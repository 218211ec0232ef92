import { Client } from 'pg'
import { Backoff } from './backoff.js'

export interface KeptClientOptions {
  url: string
  /** How long a connection may take, an answer, and the time between two questions whether it lives, in milliseconds. */
  patienceMs: number
  /** Makes a connection ready; again for each. */
  prepare: (client: Client) => Promise<unknown>
  ready: () => void
  /** It is gone, or could not be made. */
  lost: (error: unknown) => void
}

/**
 * Looks whether a URL can be made sense of, and connects to nothing.
 * @throws Error that says why not, without the URL: a certificate that it names is not there, say
 */
export function assertUsable(url: string): void {
  try {
    void new Client({ connectionString: url })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`NOTIFY_URL (or DATABASE_URL, where there is none): ${why}`, { cause: error })
  }
}

/** One connection to PostgreSQL that is made again whenever it breaks, or gives no answer. */
export class KeptClient {
  readonly #options: KeptClientOptions
  readonly #backoff = new Backoff()
  #client: Client | undefined
  #ready: Client | undefined
  #ping: NodeJS.Timeout | undefined
  #isClosed = false
  #ended: Promise<unknown> = Promise.resolve()

  constructor(options: KeptClientOptions) {
    this.#options = options
  }

  /** Undefined while there is none that is ready. */
  get client(): Client | undefined {
    return this.#ready
  }

  start(): void {
    if (this.#isClosed) return
    const { url, patienceMs } = this.#options
    const client = new Client({
      connectionString: url,
      application_name: 'posthorn-bus',
      connectionTimeoutMillis: patienceMs,
      query_timeout: patienceMs,
      keepAlive: true,
    })
    this.#client = client
    const broken = (error: unknown): void => this.#lose(client, error)
    client.on('error', broken)
    client.on('end', () => broken(new Error('the connection has ended')))
    this.#prepare(client).catch(broken)
  }

  /** Gives up a connection that is of no use, and makes another. */
  breakOff(client: Client, error: unknown): void {
    this.#lose(client, error)
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#backoff.stop()
    const client = this.#client
    if (client) this.#end(client)
    await this.#ended
  }

  async #prepare(client: Client): Promise<void> {
    await client.connect()
    await this.#options.prepare(client)
    if (this.#client !== client) return
    this.#ready = client
    this.#backoff.succeeded()
    this.#ping = setInterval(() => {
      client.query('SELECT 1').catch((error: unknown) => this.#lose(client, error))
    }, this.#options.patienceMs)
    this.#options.ready()
  }

  #lose(client: Client, error: unknown): void {
    if (this.#client !== client) return
    this.#end(client)
    if (this.#isClosed) return
    this.#options.lost(error)
    this.#backoff.later(() => this.start())
  }

  #end(client: Client): void {
    clearInterval(this.#ping)
    this.#client = undefined
    this.#ready = undefined
    // It waits for no answer: what is under way ends with it.
    this.#ended = client.end().catch(() => undefined)
  }
}
