import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'

/** What is left of what a key may take. */
export interface Left {
  /** Whether more was asked for than was left; then nothing was taken. */
  isTooMuch: boolean
  remaining: number
  /** Until there is as much again as there ever is; at least 1. */
  seconds: number
}

export interface AllowanceOptions {
  /** What each key may take … */
  max: number
  /** … within so many seconds, counted from the first that it takes. */
  seconds: number
  /** Keys that are counted at once, at most; default: 100,000. */
  maxKeys?: number
}

/**
 * How much each of many callers may take within a time, kept in memory. A key costs some 300 bytes and is forgotten when its
 * seconds are over, by a timer of the library that holds no process open. Where more keys come than are counted at once, those that
 * are new pass: so many callers can't be told from a crowd, and must not shut it out.
 */
export class Allowance {
  readonly max: number
  readonly seconds: number
  readonly #maxKeys: number
  readonly #counted: RateLimiterMemory
  // Keys that began in this stretch of `seconds` and in the one before: no fewer than there are.
  #begun = 0
  #begunBefore = 0
  #stretchEnds = 0

  constructor({ max, seconds, maxKeys = 100_000 }: AllowanceOptions) {
    this.max = max
    this.seconds = seconds
    this.#maxKeys = maxKeys
    this.#counted = new RateLimiterMemory({ points: max, duration: seconds })
  }

  /** Takes so much for a key: all of it, or nothing where less is left. */
  async take(key: string, amount = 1): Promise<Left> {
    if (this.#isFull() && (await this.#counted.get(key)) === null) return this.#untouched()
    try {
      const taken = await this.#counted.consume(key, amount)
      if (taken.isFirstInDuration) this.#begun += 1
      return this.#left(taken)
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused
      if (refused.isFirstInDuration) this.#begun += 1
      const given = await this.#counted.reward(key, amount)
      return { ...this.#left(given), isTooMuch: true }
    }
  }

  /** Counts so much against a key, whether that is left or not; true where nothing is left by this very charge. */
  async charge(key: string, amount: number): Promise<boolean> {
    if (this.#isFull() && (await this.#counted.get(key)) === null) return false
    const { isFirstInDuration, consumedPoints } = await this.#counted.penalty(key, amount)
    if (isFirstInDuration) this.#begun += 1
    return consumedPoints >= this.max && consumedPoints - amount < this.max
  }

  /** What is left for a key; it is too much where that is nothing. */
  async look(key: string): Promise<Left> {
    const counted = await this.#counted.get(key)
    // Its timer may be late.
    if (counted === null || counted.msBeforeNext <= 0) return this.#untouched()
    const left = this.#left(counted)
    return { ...left, isTooMuch: left.remaining === 0 }
  }

  #left({ remainingPoints, msBeforeNext }: RateLimiterRes): Left {
    // Never longer than there is to wait: a clock that was set back must not shut anyone out for so long.
    const seconds = Math.min(this.seconds, Math.max(1, Math.ceil(msBeforeNext / 1_000)))
    return { isTooMuch: false, remaining: remainingPoints, seconds }
  }

  #untouched(): Left {
    return { isTooMuch: false, remaining: this.max, seconds: this.seconds }
  }

  #isFull(): boolean {
    const now = performance.now()
    if (now >= this.#stretchEnds) {
      const isNext = now < this.#stretchEnds + this.seconds * 1_000
      this.#begunBefore = isNext ? this.#begun : 0
      this.#begun = 0
      this.#stretchEnds = now + this.seconds * 1_000
    }
    return this.#begun + this.#begunBefore >= this.#maxKeys
  }
}
