import { ask, type AskedToken } from './ask.js'
import type { Environment } from './environment.js'
import { Notification } from './frames.js'

/** Changes come in swarms: a mark of all old entries, by steps of a hundred. */
const COLLECT_MS = 250
/** Where more are lacking, one list says as much. */
const FEW = 5

export interface LookupOptions {
  environment: Environment
  /** The inbox, below which each notification has its own place. */
  url: URL
  token: AskedToken
  isLacking: () => boolean
  /** The ids of what is lacking, each once. */
  take: () => string[]
  begin: () => void
  found: (copies: Notification[]) => void
  /** Whether a list is on its way, which may say as much. */
  isListing: () => boolean
  /** Lists the inbox anew. */
  list: () => void
}

/**
 * Asks for notifications that have changed and are not held: whether they belong among what is shown, only the service knows. Where a
 * few are lacking each is asked for, else the inbox is listed.
 */
export class Lookup {
  readonly #options: LookupOptions
  /** Ends the wait for more of them. */
  #cancel: (() => void) | undefined
  /** Of the requests that are on their way. */
  #abort: AbortController | undefined

  constructor(options: LookupOptions) {
    this.#options = options
  }

  /** Something may be lacking. */
  look(): void {
    const { environment, isLacking } = this.#options
    if (this.#cancel || this.#abort || !isLacking()) return
    this.#cancel = environment.after(COLLECT_MS, () => {
      this.#cancel = undefined
      this.#ask()
    })
  }

  /** What was asked for is of no use any more. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#abort?.abort()
    this.#abort = undefined
  }

  #ask(): void {
    const { isListing, list, take, begin, found } = this.#options
    // When it has come, who has it looks again.
    if (isListing()) return
    const ids = take()
    if (ids.length > FEW) return list()
    const abort = new AbortController()
    this.#abort = abort
    begin()
    Promise.all(ids.map((id) => this.#find(id, abort.signal)))
      .then((answers) => {
        if (abort.signal.aborted) return
        this.#abort = undefined
        found(answers.filter((answer) => answer !== undefined))
      })
      .catch(() => {
        // The list is tried until it succeeds, and says when it fails.
        if (!abort.signal.aborted) list()
      })
  }

  /** Undefined where there is none any more. */
  async #find(id: string, signal: AbortSignal): Promise<Notification | undefined> {
    const { environment, token } = this.#options
    const url = new URL(this.#options.url)
    url.pathname += `/${encodeURIComponent(id)}`
    const { status, body } = await ask(environment, url, token, signal)
    if (status === 404) return undefined
    if (status !== 200) throw new Error(`the service answered ${status}`)
    return Notification.parse(body)
  }
}
