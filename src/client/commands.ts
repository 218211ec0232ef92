import type * as z from 'zod/mini'
import { Up } from '../protocol/up/index.js'
import { parse } from '../protocol/violations.js'
import type { Environment } from './environment.js'
import { InboxError } from './errors.js'
import type { FrameOf } from './frames.js'
import { Pace } from './pace.js'

/** Commands that are sent and not answered. */
const MAX_IN_FLIGHT = 16

/** More would only be said with each command. */
const NAME_LENGTH = 12

type Post = (command: Up & { id: string }) => void

/** A command, or how to make it once it is known where the log stands. */
type Draft = Up | ((latest: number) => Up)

interface Pending {
  command: Draft
  /** The life of the log whose positions it names. */
  life: string | undefined
  once: boolean
  isSent: boolean
  settle: (answer: unknown) => void
  reject: (error: InboxError) => void
  cancel: () => void
}

interface Order<Schema extends z.ZodMiniType> {
  command: Draft
  /** What the reply holds. */
  result: Schema
  deadlineMs: number
  /** Where it names a position: of which life of the log. In another one it fails. */
  life?: string | undefined
  /** Whether it is of use on this connection only. */
  once?: boolean
}

/**
 * What the application asks of the service. A command waits for the connection, in order, and is sent again on the next one where it
 * had no answer: each of them may be said twice. It fails with the service's error, or after its deadline.
 */
export class Commands {
  readonly #environment: Environment
  readonly #pace: Pace
  /** Ends the wait for the next that may go out. */
  #cancelWait: (() => void) | undefined
  readonly #pending = new Map<string, Pending>()
  #connection: { post: Post; life: string; latest: number } | undefined
  #closed: InboxError | undefined
  /** Other tabs share the connection, and hear the answers too: their commands have other names. */
  readonly #name: string
  #lastId = 0

  constructor(environment: Environment) {
    this.#environment = environment
    this.#pace = new Pace(environment)
    this.#name = environment.randomName().slice(0, NAME_LENGTH)
  }

  /** @throws InboxError the service's, `invalid_message`, `deadline_exceeded`, `closed` or `unreadable` */
  send<Schema extends z.ZodMiniType>(order: Order<Schema>): Promise<z.infer<Schema>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed)
      // Not left to the service: ten such messages within a minute end the connection for good.
      const refusal = typeof order.command === 'function' ? undefined : refuse(order.command)
      if (refusal) return reject(refusal)
      const id = `${this.#name}.${++this.#lastId}`
      const cancel = this.#environment.after(order.deadlineMs, () => {
        this.#take(id)?.reject(
          new InboxError('deadline_exceeded', `No answer came within ${order.deadlineMs} ms.`, {
            retryable: true,
          }),
        )
      })
      const settle = (answer: unknown): void => {
        const parsed = order.result.safeParse(answer)
        if (parsed.success) return resolve(parsed.data)
        const detail = "The reply to a command can't be read."
        reject(new InboxError('unreadable', detail, { retryable: false, cause: parsed.error }))
      }
      const { command, life, once = false } = order
      this.#pending.set(id, { command, life, once, isSent: false, settle, reject, cancel })
      this.#post()
    })
  }

  /** A connection is open, in this life of the log, which stands at `latest`; so many commands a second may go out on it. */
  opened(life: string, latest: number, perSecond: number, post: Post): void {
    this.#connection = { post, life, latest }
    this.#pace.begin(perSecond)
    for (const pending of this.#pending.values()) pending.isSent = false
    this.#post()
  }

  /** The connection is gone: what was not answered is said again on the next. */
  disconnected(): void {
    this.#end()
    for (const [id, { once }] of this.#pending) {
      if (!once) continue
      const detail = 'The connection ended before the answer.'
      this.#take(id)?.reject(new InboxError('closed', detail, { retryable: true }))
    }
  }

  reply({ id, payload }: FrameOf<'reply'>): void {
    this.#take(id)?.settle(payload)
  }

  /** Whether the error was the answer to a command, of ours or of another tab's. */
  fail({ id, payload }: FrameOf<'error'>): boolean {
    if (id !== undefined && payload.code === 'rate_limited' && this.#sayAgain(id)) return true
    const pending = id === undefined ? undefined : this.#take(id)
    pending?.reject(new InboxError(payload.code, payload.detail, { retryable: payload.retryable }))
    return pending !== undefined || (id !== undefined && !id.startsWith(`${this.#name}.`))
  }

  /** Fails what waits, and all that comes. */
  close(why: InboxError): void {
    this.#closed = why
    this.#end()
    for (const id of this.#pending.keys()) this.#take(id)?.reject(why)
  }

  #end(): void {
    this.#connection = undefined
    this.#cancelWait?.()
    this.#cancelWait = undefined
  }

  /** What came too soon is of use a little later, within its deadline. */
  #sayAgain(id: string): boolean {
    const pending = this.#pending.get(id)
    if (!pending) return false
    pending.isSent = false
    this.#pace.hold()
    this.#post()
    return true
  }

  #take(id: string): Pending | undefined {
    const pending = this.#pending.get(id)
    if (!pending) return undefined
    this.#pending.delete(id)
    pending.cancel()
    this.#post()
    return pending
  }

  #post(): void {
    if (!this.#connection) return
    const { post, life, latest } = this.#connection
    let inFlight = [...this.#pending.values()].filter(({ isSent }) => isSent).length
    for (const [id, pending] of this.#pending) {
      if (pending.isSent) continue
      if (inFlight >= MAX_IN_FLIGHT || this.#isTooSoon()) return
      if (pending.life !== undefined && pending.life !== life) {
        this.#pending.delete(id)
        pending.cancel()
        const detail = 'The log has begun another life since the command was given.'
        pending.reject(new InboxError('epoch_mismatch', detail, { retryable: false }))
        continue
      }
      pending.isSent = true
      this.#pace.note()
      inFlight++
      const { command: draft } = pending
      const command = typeof draft === 'function' ? draft(latest) : draft
      // Said again on another connection, it must mean the same.
      if (typeof draft === 'function') {
        pending.command = command
        pending.life = life
      }
      post({ ...command, id })
    }
  }

  /** Whether the next has to wait; it is tried again by itself then. */
  #isTooSoon(): boolean {
    const { waitMs } = this.#pace
    if (waitMs === 0) return false
    this.#cancelWait ??= this.#environment.after(waitMs, () => {
      this.#cancelWait = undefined
      this.#post()
    })
    return true
  }
}

/** What the service would refuse for its shape. */
function refuse(command: Up): InboxError | undefined {
  const parsed = parse(Up, command)
  if ('value' in parsed) return undefined
  const why = parsed.violations.map(({ pointer, detail }) => `${pointer} ${detail}`).join(', ')
  const detail = `This is no ${command.type} that the service would take: ${why}.`
  return new InboxError('invalid_message', detail, { retryable: false })
}
