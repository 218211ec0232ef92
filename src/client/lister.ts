import { backoffMs } from './backoff.js'
import type { Environment } from './environment.js'
import { InboxError } from './errors.js'
import { List, type Notification } from './frames.js'
import { within } from './within.js'

const ANSWER_WITHIN_MS = 20_000
/** Most entries of one page. */
const PAGE = 100

/** The inbox as it was when the log stood at `latest`. */
export interface Listed {
  items: Notification[]
  epoch: string
  latest: number
}

export interface ListerOptions {
  environment: Environment
  url: URL
  /** Most entries to list. */
  limit: number
  /** The token of the connection. */
  token: () => string | undefined
  begin: () => void
  listed: (list: Listed) => void
  report: (error: InboxError) => void
}

/** Lists the inbox over HTTP, where what is held can't be trusted any more. Tries again, backing off, until it succeeds. */
export class Lister {
  readonly #options: ListerOptions
  #abort: AbortController | undefined
  #cancel: (() => void) | undefined
  #failures = 0

  constructor(options: ListerOptions) {
    this.#options = options
  }

  /** Lists the inbox anew; what is on its way may be older than what asks for this, and counts for nothing. */
  start(): void {
    this.stop()
    if (this.#options.limit === 0) return
    this.#failures = 0
    this.#list()
  }

  stop(): void {
    this.#abort?.abort()
    this.#abort = undefined
    this.#cancel?.()
    this.#cancel = undefined
  }

  #list(): void {
    const abort = new AbortController()
    this.#abort = abort
    this.#cancel = undefined
    this.#options.begin()
    this.#pages(abort.signal)
      .then((list) => {
        if (abort.signal.aborted) return
        this.#abort = undefined
        this.#options.listed(list)
      })
      .catch((cause: unknown) => {
        if (!abort.signal.aborted) this.#again(cause)
      })
  }

  #again(cause: unknown): void {
    const { environment, report } = this.#options
    this.#abort?.abort()
    this.#failures++
    if (this.#failures === 1) {
      const detail = 'The inbox could not be listed; it is tried again.'
      report(new InboxError('list_failed', detail, { retryable: true, cause }))
    }
    const wait = backoffMs(this.#failures, () => environment.random())
    this.#cancel = environment.after(wait, () => this.#list())
  }

  async #pages(signal: AbortSignal): Promise<Listed> {
    const first = await this.#page(undefined, signal)
    const { items, epoch, latest } = first
    let { nextPage } = first
    while (nextPage !== null && items.length < this.#options.limit) {
      const page = await this.#page(nextPage, signal)
      items.push(...page.items)
      nextPage = page.nextPage
    }
    return { items: items.slice(0, this.#options.limit), epoch, latest }
  }

  async #page(page: string | undefined, signal: AbortSignal): Promise<List> {
    const { environment, limit, token } = this.#options
    const url = new URL(this.#options.url)
    url.searchParams.set('limit', String(Math.min(limit, PAGE)))
    if (page !== undefined) url.searchParams.set('page', page)
    const { status, body } = await within(environment, ANSWER_WITHIN_MS, () =>
      environment.getJson(url, token() ?? '', signal),
    )
    if (status !== 200) throw new Error(`the service answered ${status}`)
    return List.parse(body)
  }
}
