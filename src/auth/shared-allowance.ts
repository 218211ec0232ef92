import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { Allowance, type AllowanceOptions, type Left } from './allowance.js'

/** How long a request waits for the shared count, in milliseconds; then this process counts by itself. */
const ANSWER_MS = 100

/** How long it then does not ask again, in milliseconds: a server that is slow must not make every request so. */
const REST_MS = 1_000

/** Counts what callers take. */
export type Counter = Pick<Allowance, 'max' | 'seconds' | 'take'>

/** Makes a counter; `name` tells its keys from those of others that are kept in one place. */
export type CounterFactory = (name: string, options: AllowanceOptions) => Counter

/** Each process counts by itself. */
export const ownCounters: CounterFactory = (_name, options) => new Allowance(options)

/**
 * All processes count together over a client of `@redis/client`, which whoever has opened it closes. While that does not answer, each
 * counts by itself, and nobody is shut out.
 */
export function sharedCounters({
  client,
  prefix,
}: {
  client: object
  /** What the names of its keys begin with. */
  prefix: string
}): CounterFactory {
  return (name, options) => new SharedAllowance(client, `${prefix}:allowance:${name}`, options)
}

class SharedAllowance implements Counter {
  readonly max: number
  readonly seconds: number
  readonly #own: Allowance
  readonly #shared: RateLimiterRedis
  #restsUntil = -Infinity

  constructor(client: object, name: string, options: AllowanceOptions) {
    const { max, seconds } = options
    this.max = max
    this.seconds = seconds
    this.#own = new Allowance(options)
    this.#shared = new RateLimiterRedis({
      storeClient: client,
      useRedisPackage: true,
      rejectIfRedisNotReady: true,
      keyPrefix: name,
      points: max,
      duration: seconds,
    })
  }

  /** Takes so much for a key: all of it, or nothing where less is left. */
  async take(key: string, amount = 1): Promise<Left> {
    if (performance.now() < this.#restsUntil) return this.#own.take(key, amount)
    try {
      return await inTime(this.#takeShared(key, amount))
    } catch {
      this.#restsUntil = performance.now() + REST_MS
      return this.#own.take(key, amount)
    }
  }

  async #takeShared(key: string, amount: number): Promise<Left> {
    try {
      return this.#left(await this.#shared.consume(key, amount), false)
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      return this.#left(await this.#shared.reward(key, amount), true)
    }
  }

  #left({ remainingPoints, msBeforeNext }: RateLimiterRes, isTooMuch: boolean): Left {
    const seconds = Math.min(this.seconds, Math.max(1, Math.ceil(msBeforeNext / 1_000)))
    return { isTooMuch, remaining: remainingPoints, seconds }
  }
}

/** @throws Error where the answer takes too long */
async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the shared count takes too long')), ANSWER_MS)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
    // It may fail when nobody waits any more.
    answer.catch(() => undefined)
  }
}
