import * as z from 'zod/mini'
import { Epoch, Seq } from '../protocol/identifiers.js'
import type { ClientStorage, Environment } from './environment.js'
import { InboxError } from './errors.js'
import { within } from './within.js'

/** A storage that takes longer has failed, as far as delivery is concerned. */
const STORAGE_WITHIN_MS = 5_000

/** Up to where the application has handled the log, in one life of one user's log. */
export interface Position {
  /** Whose log it is, by the token: see `subjectOf`. */
  subject: string | null
  /** The same as the service names it. */
  user: string
  epoch: string
  cursor: number
}

const Stored = z.object({
  subject: z.nullable(z.string()),
  user: z.string(),
  epoch: Epoch,
  cursor: Seq,
})

function isBehind({ user, epoch, cursor }: Position, stored: Position | undefined): boolean {
  return stored?.user === user && stored.epoch === epoch && stored.cursor >= cursor
}

/** Reads and writes what outlives the process. A storage that fails is reported once, until it works again. */
export class Keeper {
  readonly #environment: Environment
  readonly #storage: ClientStorage
  readonly #report: (error: InboxError) => void
  #failing = false

  constructor(
    environment: Environment,
    storage: ClientStorage,
    report: (error: InboxError) => void,
  ) {
    this.#environment = environment
    this.#storage = storage
    this.#report = report
  }

  /** Undefined where there is none, or none that can be read. */
  async readPosition(key: string): Promise<Position | undefined> {
    const text = await this.read(key)
    if (text === undefined) return undefined
    try {
      return Stored.safeParse(JSON.parse(text)).data
    } catch {
      return undefined
    }
  }

  /**
   * Moves no position back within one log, but where the service has said that the log went back itself. Never rejects: what can't be
   * written is handed over again by the service at worst, after a reload.
   */
  async writePosition(key: string, position: Position, mayGoBack = false): Promise<void> {
    // Another tab may have handled more, whether it shares its connection or not.
    if (!mayGoBack && isBehind(position, await this.readPosition(key))) return
    await this.write(key, JSON.stringify(position))
  }

  async read(key: string): Promise<string | undefined> {
    const value = await this.#try(() => this.#storage.get(key))
    return value ?? undefined
  }

  async write(key: string, value: string): Promise<void> {
    await this.#try(() => this.#storage.set(key, value))
  }

  async #try<Value>(ask: () => Value | Promise<Value>): Promise<Value | undefined> {
    try {
      const value = await within(this.#environment, STORAGE_WITHIN_MS, ask)
      this.#failing = false
      return value
    } catch (cause) {
      if (!this.#failing) {
        const detail = 'The storage has failed; delivery goes on without it.'
        this.#report(new InboxError('storage_failed', detail, { retryable: true, cause }))
      }
      this.#failing = true
      return undefined
    }
  }
}
