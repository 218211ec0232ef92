import { PosthornError } from '../../protocol/errors.js'
import { Condition } from './condition.js'
import type { Commit, Failure, Request, Response, ThreadData } from './messages.js'
import type { Report } from './report.js'
import { StartError } from './store-thread.js'
import { ThreadKeeper } from './thread-keeper.js'
import { TROUBLES } from './trouble.js'

/**
 * Requests that a thread has at once; more wait here. Answers of up to 256 KiB must not pile up before an event loop that is
 * slower than the reader; the writer's are small, and the more it has, the more share a sync.
 */
const MAX_IN_FLIGHT = { writer: 2_000, reader: 64 }

/**
 * Requests that may wait before others are refused, so that a store that falls behind doesn't fill the memory: of writes what takes
 * some seconds, of reads, which are small while they wait, what a host of connections asks for at once.
 */
const MAX_WAITING = { writer: 20_000, reader: 100_000 }

/** And how many characters they may hold: 32 Mi. */
const MAX_WAITING_CHARACTERS = 32 * 1024 * 1024

/** A thread that was asked and has answered nothing for so long (5 seconds) is given no more until it does. */
const MAX_SILENT_MS = 5_000

/** So many requests are sent without waiting for the end of the loop's turn. */
const FLUSH_AT = 32

interface Waiting {
  resolve: (value: never) => void
  reject: (error: Error) => void
  characters: number
}

type OperationTable = Record<string, (input: never) => unknown> & {
  check: (probe: { needsRoom: boolean }) => unknown
}

/** What a request costs while it waits. */
export interface RequestCost {
  /** Characters that its input holds, where they may be many. */
  characters?: number
  /** Whether it is taken although others are refused: where who asks bounds how many there are. */
  isBounded?: boolean
  /** Whether it goes over at once, for who has more to do before the turn of the loop ends. */
  isPrompt?: boolean
  /** Writes that it stands for. Default: 1. */
  writes?: number
}

export interface ChannelOptions {
  /** Told of each transaction of the thread that changed something. */
  committed: (commit: Commit) => void
  /** Told what an operator should know. */
  report: Report
}

/**
 * The event loop's end of a store thread. What is asked within one turn of the loop goes over in a few messages; the thread
 * does in groups what has come while it was at work.
 *
 * Life: `open` → requests → `close`. Should the thread die, whatever waits is refused with `store_unavailable`, and whatever comes
 * until another one runs. What comes faster than the thread works is refused with `overloaded`.
 */
export class ThreadChannel<Operations extends OperationTable> {
  readonly #keeper: ThreadKeeper
  readonly #condition: Condition
  readonly #role: ThreadData['role']
  readonly #waiting = new Map<number, Waiting>()
  #characters = 0
  #refusing = false
  #ending: (() => void) | undefined
  readonly #unsent: Request[] = []
  #inFlight = 0
  /** When the thread last answered, or was asked while it had nothing to do. */
  #heardAt = 0
  #flush: NodeJS.Immediate | undefined
  #nextId = 1
  #closing: Promise<void> | undefined

  private constructor(data: ThreadData, { committed, report }: ChannelOptions) {
    const { role } = data
    this.#role = role
    this.#keeper = new ThreadKeeper({
      data,
      take: ({ responses, commit }) => {
        if (commit) committed(commit)
        this.#take(responses)
      },
      up: () => this.#condition.up(),
      down: (error) => this.#lose(error),
      report,
    })
    this.#condition = new Condition({
      role,
      probe: (probe) => this.#ask('check', probe),
      report,
    })
  }

  /** Requests that have no answer yet, on both sides. */
  get waiting(): number {
    return this.#waiting.size
  }

  /**
   * Starts the thread.
   * @throws Error with the thread's reason where it can't open the database
   */
  static async open<Operations extends OperationTable>(
    data: ThreadData,
    options: Partial<ChannelOptions> = {},
  ): Promise<ThreadChannel<Operations>> {
    const { committed = () => undefined, report = () => undefined } = options
    const channel = new ThreadChannel<Operations>(data, { committed, report })
    try {
      await channel.#keeper.open()
    } catch (error) {
      throw error instanceof StartError ? new Error(error.message, { cause: error }) : error
    }
    return channel
  }

  /** Asks for an operation. */
  request<Name extends keyof Operations & string>(
    operation: Name,
    input: Parameters<Operations[Name]>[0],
    { isBounded = false, ...cost }: RequestCost = {},
  ): Promise<ReturnType<Operations[Name]>> {
    if (!isBounded && this.#isBehind()) return Promise.reject(overloaded())
    return this.#ask(operation, input, cost)
  }

  /** @throws PosthornError `store_unavailable` that says what keeps the thread from its work */
  check(): Promise<void> {
    return this.#refusing ? Promise.reject(unavailable()) : this.#condition.check()
  }

  /** Takes no more requests; what was asked before still gets its answer. */
  refuse(): void {
    this.#refusing = true
    this.#condition.close()
  }

  /** Lets the thread finish what it was asked, then ends it; idempotent. */
  close(): Promise<void> {
    return (this.#closing ??= this.#end())
  }

  async #end(): Promise<void> {
    this.refuse()
    this.#sendUnsent()
    // Nothing is asked after the close, so it waits until everything else has gone over.
    if (this.#unsent.length > 0) await new Promise<void>((resolve) => (this.#ending = resolve))
    await this.#keeper.close()
  }

  #ask<Value>(
    operation: string,
    input: unknown,
    { characters = 0, isPrompt = false, writes = 1 }: Omit<RequestCost, 'isBounded'> = {},
  ): Promise<Value> {
    if (this.#refusing || !this.#keeper.thread) return Promise.reject(unavailable())
    const id = this.#nextId++
    if (this.#waiting.size === 0) this.#heardAt = performance.now()
    this.#unsent.push({ id, operation, input, writes })
    this.#characters += characters
    // Half a turn's requests go over while the loop still parses the rest, so that the two threads work side by side:
    // that brought `accept` a tenth in the benchmark, for 100 µs of processor time each in place of 88.
    if (isPrompt || this.#unsent.length >= FLUSH_AT) this.#sendUnsent()
    else this.#flush ??= setImmediate(() => this.#sendUnsent())
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, characters })
    })
  }

  #isBehind(): boolean {
    const { size } = this.#waiting
    if (size === 0) return false
    return (
      size >= MAX_WAITING[this.#role] ||
      this.#characters >= MAX_WAITING_CHARACTERS ||
      performance.now() - this.#heardAt >= MAX_SILENT_MS
    )
  }

  #sendUnsent(): void {
    clearImmediate(this.#flush)
    this.#flush = undefined
    const room = MAX_IN_FLIGHT[this.#role] - this.#inFlight
    const requests = this.#unsent.splice(0, room)
    this.#inFlight += requests.length
    if (requests.length > 0) this.#keeper.thread?.post({ kind: 'requests', requests })
    if (this.#unsent.length === 0) this.#ending?.()
  }

  #take(responses: Response[]): void {
    this.#heardAt = performance.now()
    if (responses.some(({ ok }) => ok)) this.#condition.answered(this.#heardAt)
    this.#inFlight -= responses.length
    for (const response of responses) this.#settle(response)
    this.#sendUnsent()
  }

  #settle(response: Response): void {
    const waiting = this.#waiting.get(response.id)
    this.#waiting.delete(response.id)
    this.#characters -= waiting?.characters ?? 0
    if (response.ok) {
      // The thread ran the operation that this id was given out for, so its value has that operation's type.
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion
      waiting?.resolve(response.value as never)
    } else {
      waiting?.reject(this.#fail(response.failure))
    }
  }

  /** The error that a failure is for who asked; what passes is noted. */
  #fail({ message, sqliteCode, trouble }: Failure): Error {
    const cause = new Error(sqliteCode ? `${sqliteCode}: ${message}` : message)
    if (!trouble) return cause
    this.#condition.failed(trouble, cause)
    return TROUBLES[trouble].code === 'storage_full' ? full(cause) : unavailable(cause)
  }

  #lose(error: Error): void {
    this.#condition.down(error)
    this.#unsent.length = 0
    this.#inFlight = 0
    this.#characters = 0
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const { reject } of waiting) reject(unavailable(error))
    this.#ending?.()
  }
}

/** Whether a thread that died had committed what waits is open, so this promises nothing of it. */
function unavailable(cause?: Error): PosthornError {
  return new PosthornError(
    'store_unavailable',
    'The store does not answer now: try again, a send with the same Idempotency-Key.',
    { cause },
  )
}

function full(cause: Error): PosthornError {
  return new PosthornError(
    'storage_full',
    'The disk of the service is full: try again later, a send with the same Idempotency-Key.',
    { cause },
  )
}

function overloaded(): PosthornError {
  return new PosthornError(
    'overloaded',
    'More waits for the disk than may: nothing was stored. Try again in a moment.',
  )
}
