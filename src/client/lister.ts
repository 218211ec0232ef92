import { ask, type AskedToken } from './ask.js'
import { backoffMs } from './backoff.js'
import type { Environment } from './environment.js'
import { InboxError } from './errors.js'
import { List } from './frames.js'
import type { Listed } from './holdings.js'

/** Most entries of one page. */
const PAGE = 100
/** By how many entries `more` goes on. */
const MORE = 50
/** Least time between two lists that fill up what has become few: the next hundred may be archived as fast. */
const REFILL_APART_MS = 1_000
/** Many go at once: a list for the first of them would be too old for the last. */
const REFILL_COLLECT_MS = 250

/** A list, and of which life of the log it is. */
type EpochListed = Listed & { epoch: string }

export interface ListerOptions {
  environment: Environment
  url: URL
  /** Most entries to list at first. */
  limit: number
  /** How long `more` waits for its list. */
  deadlineMs: number
  token: AskedToken
  /** Whether the application has given one. */
  hasToken: () => boolean
  begin: () => void
  /** Whether the list was of use. */
  listed: (list: EpochListed) => boolean
  report: (error: InboxError) => void
}

/** Lists the inbox over HTTP, where what is held can't be trusted any more. Tries again, backing off, until it succeeds. */
export class Lister {
  readonly #options: ListerOptions
  #limit: number
  /** Whether the limit was raised and no list has come of it yet. */
  #isRaised = false
  /** Those who wait for that list. */
  readonly #waiting = new Set<(error?: InboxError) => void>()
  /** Of the request that is on its way. */
  #abort: AbortController | undefined
  /** Ends the wait for the next. */
  #cancel: (() => void) | undefined
  /** Ends the wait for a list that fills up. */
  #cancelRefill: (() => void) | undefined
  /** When the latest list was asked for. */
  #askedAt = -Infinity
  #failures = 0
  #closed: InboxError | undefined

  constructor(options: ListerOptions) {
    this.#options = options
    this.#limit = options.limit
  }

  /** Lists the inbox anew; what is on its way may be older than what asks for this, and counts for nothing. */
  start(): void {
    this.#stop()
    if (this.#limit === 0) return
    this.#failures = 0
    this.#list()
  }

  /**
   * Lists more entries, from now on; resolves when these are listed. One that was not answered in time is still tried: asking again
   * waits for it, and does not add to it.
   * @throws InboxError `deadline_exceeded` or `closed`
   */
  more(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed)
      this.#wait((error) => (error ? reject(error) : resolve()))
      const isOnItsWay = this.#isRaised && this.#abort !== undefined
      if (!this.#isRaised) this.#limit += MORE
      this.#isRaised = true
      // Before there is a token there was no connection, and the first one lists.
      if (!isOnItsWay && this.#options.hasToken()) this.start()
    })
  }

  /** Lists the inbox soon, where few are left of what was listed; a list that is on its way by then says as much. */
  refill(): void {
    if (this.#closed || this.isBusy || this.#cancelRefill) return
    const { environment } = this.#options
    const left = REFILL_APART_MS - (environment.now() - this.#askedAt)
    // The wall clock may have been set back.
    const wait = Math.min(Math.max(left, REFILL_COLLECT_MS), REFILL_APART_MS)
    this.#cancelRefill = environment.after(wait, () => this.start())
  }

  /** Whether a list is on its way, or will be asked for. */
  get isBusy(): boolean {
    return this.#abort !== undefined || this.#cancel !== undefined
  }

  /** Lists nothing any more. */
  close(why: InboxError): void {
    this.#closed = why
    this.#stop()
    for (const settle of this.#waiting) settle(why)
  }

  #stop(): void {
    this.#abort?.abort()
    this.#abort = undefined
    this.#cancel?.()
    this.#cancel = undefined
    this.#cancelRefill?.()
    this.#cancelRefill = undefined
  }

  #wait(tell: (error?: InboxError) => void): void {
    const { environment, deadlineMs } = this.#options
    const settle = (error?: InboxError): void => {
      cancel()
      this.#waiting.delete(settle)
      tell(error)
    }
    const cancel = environment.after(deadlineMs, () => {
      const detail = `The list did not come within ${deadlineMs} ms.`
      settle(new InboxError('deadline_exceeded', detail, { retryable: true }))
    })
    this.#waiting.add(settle)
  }

  #list(): void {
    const abort = new AbortController()
    this.#abort = abort
    this.#cancel = undefined
    this.#askedAt = this.#options.environment.now()
    this.#options.begin()
    this.#pages(abort.signal)
      .then((list) => {
        if (abort.signal.aborted) return
        this.#abort = undefined
        if (!this.#options.listed(list)) return
        this.#isRaised = false
        for (const settle of this.#waiting) settle()
      })
      .catch((cause: unknown) => {
        if (!abort.signal.aborted) this.#again(cause)
      })
  }

  #again(cause: unknown): void {
    const { environment, report } = this.#options
    this.#stop()
    this.#failures++
    if (this.#failures === 1) {
      const detail = 'The inbox could not be listed; it is tried again.'
      report(new InboxError('list_failed', detail, { retryable: true, cause }))
    }
    const wait = backoffMs(this.#failures, () => environment.random())
    this.#cancel = environment.after(wait, () => this.#list())
  }

  async #pages(signal: AbortSignal): Promise<EpochListed> {
    const limit = this.#limit
    const first = await this.#page(undefined, signal)
    const { items, epoch, latest } = first
    let { nextPage } = first
    while (nextPage !== null && items.length < limit) {
      const page = await this.#page(nextPage, signal)
      items.push(...page.items)
      nextPage = page.nextPage
    }
    const hasMore = nextPage !== null || items.length > limit
    return { items: items.slice(0, limit), limit, hasMore, epoch, latest }
  }

  async #page(page: string | undefined, signal: AbortSignal): Promise<List> {
    const { environment, token } = this.#options
    const url = new URL(this.#options.url)
    url.searchParams.set('limit', String(Math.min(this.#limit, PAGE)))
    if (page !== undefined) url.searchParams.set('page', page)
    const { status, body } = await ask(environment, url, token, signal)
    if (status !== 200) throw new Error(`the service answered ${status}`)
    return List.parse(body)
  }
}
