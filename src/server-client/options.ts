import { SYSTEM, type Environment, type Fetch } from './environment.js'
import { PosthornArgumentError } from './errors.js'

/** A service's token, or what gives one. */
export type TokenSource = string | (() => string | Promise<string>)

export interface ClientOptions {
  /** Where the service is: http or https, with the path under which a proxy serves it where there is one. */
  url: string | URL
  /**
   * A token with the scopes that the calls need. A function is asked before each request, so it should keep its token while
   * that is good; after a 401 it is asked once more, and the request repeated.
   */
  token: TokenSource
  /** In place of the global `fetch`. */
  fetch?: Fetch
  /** Most tries of one request, the first included; default 5. 1 is never to try again. */
  maxAttempts?: number
  /** Milliseconds for a request with all its tries and waits; default 30,000. Each request of a large batch, or of a list, has them. */
  timeoutMs?: number
  /** Milliseconds for one try; default 10,000. */
  attemptTimeoutMs?: number
}

export interface Limits {
  maxAttempts: number
  timeoutMs: number
  attemptTimeoutMs: number
}

/** What a client goes by, from its options. */
export interface Settings {
  /** Without a slash at its end. */
  base: string
  token: TokenSource
  limits: Limits
  environment: Environment
}

/** The longest that `setTimeout` waits: what is above it would be over at once. */
const LONGEST_MS = 2_147_483_647

/** @throws PosthornArgumentError */
export function settingsOf(
  {
    url,
    token,
    fetch,
    maxAttempts = 5,
    timeoutMs = 30_000, // half a minute
    attemptTimeoutMs = 10_000, // 10 seconds
  }: ClientOptions,
  environment: Environment = SYSTEM,
): Settings {
  const limits = { maxAttempts, timeoutMs, attemptTimeoutMs }
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1 || value > LONGEST_MS) {
      throw new PosthornArgumentError(`${name} is a whole number from 1 to ${LONGEST_MS}`)
    }
  }
  return {
    base: baseOf(url),
    token,
    limits,
    environment: fetch === undefined ? environment : { ...environment, fetch },
  }
}

/** The text is not shown where it is refused: a URL may hold a password. */
function baseOf(given: string | URL): string {
  const text = String(given)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new PosthornArgumentError('`url` is an http or https URL')
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new PosthornArgumentError('`url` has no credentials, no query and no fragment')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}
