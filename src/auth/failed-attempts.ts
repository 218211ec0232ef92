import { PosthornError, type ErrorCode } from '../protocol/errors.js'
import { Allowance } from './allowance.js'

/**
 * What a failure takes of its address's allowance. A token that has expired, or that its issuer may not give, was signed by whoever is
 * trusted: it comes from people whose clock or application is late, many of them behind one address at times, and counts a tenth.
 */
const WEIGHTS: Partial<Record<ErrorCode, number>> = {
  invalid_token: 10,
  token_expired: 1,
  insufficient_scope: 1,
}

/** Whoever was refused for its token, by the address that it came from: signatures cost time, and guesses shall not be free. */
export class FailedAttempts {
  readonly #allowance: Allowance
  readonly #shutOut: (address: string) => void

  /**
   * `perMinute`: forged tokens from one address within a minute; tokens that have expired: ten times as many. `shutOut` is told of an
   * address once it has no more of them, for the log.
   */
  constructor(perMinute: number, shutOut: (address: string) => void) {
    this.#allowance = new Allowance({ max: perMinute * 10, seconds: 60 })
    this.#shutOut = shutOut
  }

  /**
   * Called before a token is verified that is not remembered.
   * @throws PosthornError `rate_limited` where too many from this address were refused
   */
  async admit(address: string): Promise<void> {
    const { isTooMuch, seconds } = await this.#allowance.look(address)
    if (!isTooMuch) return
    throw new PosthornError('rate_limited', 'Too many tokens from this address were refused.', {
      retryAfterSeconds: seconds,
    })
  }

  /** Counts what a token was refused with, where the token is what was wrong. */
  async count(address: string, error: unknown): Promise<void> {
    const weight = error instanceof PosthornError ? WEIGHTS[error.code] : undefined
    if (weight === undefined) return
    if (await this.#allowance.charge(address, weight)) this.#shutOut(address)
  }
}
