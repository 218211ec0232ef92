import type { Environment } from './environment.js'
import type { InboxError } from './errors.js'
import { tokenFailed, tokenOf } from './token-shape.js'
import { within } from './within.js'

/** For the application to give a token. */
const TOKEN_WITHIN_MS = 30_000
/** A token that was asked for so long ago is asked for again before it is used. */
const TOKEN_FRESH_MS = 30_000

export interface TokenSourceOptions {
  environment: Environment
  token: () => string | Promise<string>
  report: (error: InboxError) => void
}

/** The application's tokens, of which the latest counts. */
export class TokenSource {
  readonly #options: TokenSourceOptions
  #latest: string | undefined
  #latestAt = -Infinity
  /** Ends what waits for the application. */
  readonly #over = new AbortController()

  constructor(options: TokenSourceOptions) {
    this.#options = options
  }

  get latest(): string | undefined {
    return this.#latest
  }

  get isStale(): boolean {
    return this.#options.environment.now() - this.#latestAt >= TOKEN_FRESH_MS
  }

  /** Asks the application for a token. @throws InboxError `token_failed`, which is reported too */
  async ask(): Promise<string> {
    const { environment, token, report } = this.#options
    try {
      this.#latest = tokenOf(await within(environment, TOKEN_WITHIN_MS, token, this.#over.signal))
      this.#latestAt = environment.now()
      return this.#latest
    } catch (cause) {
      const error = tokenFailed(cause)
      if (!this.#over.signal.aborted) report(error)
      throw error
    }
  }

  /** Nothing is waited for, or reported, any more. */
  close(): void {
    this.#over.abort()
  }
}
