import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type JWTVerifyGetKey,
  type RemoteJWKSet,
} from 'jose'
import { PosthornError } from '../protocol/errors.js'
import { fetchKeys } from './fetch-keys.js'
import { PUBLIC_KEY_ALGORITHMS, type Keys } from './keys.js'

/** How long things take, in milliseconds; tests may narrow them. */
export interface KeyTimes {
  /** Between the beginnings of two fetches, whatever became of the first. */
  cooldownMs: number
  /** Keys that are older are fetched anew before they are used, where the provider answers. */
  refreshMs: number
  /** How long keys are good after they were fetched: so long may the identity provider be down. */
  maxAgeMs: number
  /** Until a fetch that has no answer is given up. */
  timeoutMs: number
}

const KEY_TIMES: KeyTimes = {
  cooldownMs: 10_000, // 10 seconds
  refreshMs: 10 * 60_000, // 10 minutes
  maxAgeMs: 4 * 60 * 60_000, // 4 hours
  timeoutMs: 5_000, // 5 seconds
}

/** What became of a fetch, for the operator. */
export type KeyReport =
  { kind: 'fetched'; host: string; keys: number } | { kind: 'failed'; host: string; reason: string }

export interface RemoteKeysOptions {
  /** http or https, without a password. */
  url: string
  stopwatch: () => number
  report: (event: KeyReport) => void
  times?: Partial<KeyTimes> | undefined
}

/**
 * The keys that an identity provider publishes (RFC 7517 §5). jose chooses among them and shares one fetch among all who
 * wait; when to fetch is settled here, since only here it is known when a token came:
 *
 * - The first token, or `fetch`, fetches the keys; a token that comes when they are older than `refreshMs` does so again.
 * - While the provider is down they serve on until `maxAgeMs`, and nobody waits for it after the first who did; then
 *   nobody is let in, nor told that the token is bad: `keys_unavailable`.
 * - A token whose key is not among them may be signed with a new one. It is called invalid only where a fetch that began
 *   after it came has not brought its key; where the cooldown forbids one, it is `keys_unavailable` too. So a flood of
 *   them costs one fetch each cooldown, and no good token is called bad.
 */
export class RemoteKeys implements Keys {
  readonly algorithms = PUBLIC_KEY_ALGORITHMS
  readonly #url: URL
  readonly #options: RemoteKeysOptions
  readonly #times: KeyTimes
  readonly #set: RemoteJWKSet
  readonly #closing = new AbortController()
  /** When the last fetch began and the last good one ended, by the stopwatch. */
  #beganAt = -Infinity
  #fetchedAt = -Infinity
  #fetching: Promise<void> | undefined
  /** Whether the last fetch failed. */
  #isDown = false
  /** Counts the sets that differed from the one before. */
  #sets = 0
  #lastSet = ''

  constructor(options: RemoteKeysOptions) {
    this.#options = options
    this.#url = new URL(options.url)
    this.#times = { ...KEY_TIMES, ...options.times }
    this.#set = createRemoteJWKSet(this.#url, {
      timeoutDuration: this.#times.timeoutMs,
      // It never fetches by itself but the first time, which `reload` comes before.
      cooldownDuration: Infinity,
      cacheMaxAge: Infinity,
      [customFetch]: (url, request) =>
        fetchKeys(url, {
          ...request,
          signal: AbortSignal.any([request.signal, this.#closing.signal]),
        }),
    })
  }

  readonly key: JWTVerifyGetKey = async (header, token) => {
    const cameAt = this.#options.stopwatch()
    const age = this.#age()
    if (age >= this.#times.maxAgeMs) await this.#fetchIfCool()
    else if (age >= this.#times.refreshMs) await this.#refresh()
    try {
      return await this.#set(header, token)
    } catch (error) {
      const isUnknown = error instanceof errors.JWKSNoMatchingKey
      // No key is named by what is no text.
      if (!isUnknown || !['string', 'undefined'].includes(typeof header?.kid)) throw error
    }
    if (this.#fetching || this.#beganAt < cameAt) await this.#fetchIfCool()
    try {
      return await this.#set(header, token)
    } catch (error) {
      // What was under way when the token came may have been answered before its key was published.
      const mayBeNew = error instanceof errors.JWKSNoMatchingKey && this.#beganAt < cameAt
      throw mayBeNew ? this.#unavailable(error) : error
    }
  }

  /** That of the keys that are held; where they are too old to be used, one that equals none, not even itself. */
  get generation(): number {
    return this.#age() >= this.#times.maxAgeMs ? NaN : this.#sets
  }

  /** A key may have been replaced under its own name: looks anew, though nobody waits for it. */
  readonly missed = (): void => {
    if (!this.#fetching) this.#fetchIfCool().catch(() => undefined)
  }

  /**
   * Fetches the keys now, where no fetch is under way.
   * @throws PosthornError `keys_unavailable` with the reason as its cause
   */
  async fetch(): Promise<void> {
    try {
      await (this.#fetching ?? this.#begin())
    } catch (error) {
      throw this.#unavailable(error)
    }
  }

  /** How many keys there are. */
  get size(): number {
    return this.#set.jwks()?.keys.length ?? 0
  }

  /** Ends a fetch that is under way; idempotent. */
  close(): void {
    this.#closing.abort()
  }

  /** As `fetch`, where the cooldown allows it. */
  async #fetchIfCool(): Promise<void> {
    if (!this.#fetching && this.#coolsForMs() > 0) throw this.#unavailable()
    await this.fetch()
  }

  /** Fetches the keys, as well as may be: those that are there are still good. */
  async #refresh(): Promise<void> {
    const refreshed = this.#fetchIfCool().catch(() => undefined)
    if (!this.#isDown) await refreshed
  }

  #begin(): Promise<void> {
    this.#beganAt = this.#options.stopwatch()
    this.#fetching = this.#reload().finally(() => (this.#fetching = undefined))
    return this.#fetching
  }

  async #reload(): Promise<void> {
    const { report, stopwatch } = this.#options
    const { host } = this.#url
    try {
      await this.#set.reload()
      this.#fetchedAt = stopwatch()
      const set = JSON.stringify(this.#set.jwks())
      if (set !== this.#lastSet) this.#sets += 1
      this.#lastSet = set
      this.#isDown = false
      report({ kind: 'fetched', host, keys: this.size })
    } catch (error) {
      this.#isDown = true
      if (!this.#closing.signal.aborted) report({ kind: 'failed', host, reason: reasonOf(error) })
      throw error
    }
  }

  #age(): number {
    return this.#options.stopwatch() - this.#fetchedAt
  }

  /** For how many milliseconds no fetch may begin; none where 0 or less. */
  #coolsForMs(): number {
    return this.#beganAt + this.#times.cooldownMs - this.#options.stopwatch()
  }

  #unavailable(cause?: unknown): PosthornError {
    return new PosthornError(
      'keys_unavailable',
      'The keys that this token may be signed with can’t be had now: try again.',
      { cause, retryAfterSeconds: Math.max(1, Math.ceil(this.#coolsForMs() / 1_000)) },
    )
  }
}

/** Why a fetch failed, in words: undici says "fetch failed" and puts the reason in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${reasonOf(error.cause)}` : error.message
}
