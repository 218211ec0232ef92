import { CLOCK_TOLERANCE_SECONDS } from '../auth/verify.js'
import { TOKEN_EXPIRING_MS } from './limits.js'

/** How long a connection may live on its token. */
export class TokenLife {
  readonly expiresAt: Date
  readonly #endsAt: number
  #announced = false

  constructor(expiresAt: number, now: number) {
    this.expiresAt = new Date(expiresAt)
    // A token that is let in by the tolerance alone lives until that ends.
    this.#endsAt = expiresAt > now ? expiresAt : expiresAt + CLOCK_TOLERANCE_SECONDS * 1000
  }

  /** `expiring` comes once. */
  tick(now: number): 'alive' | 'expiring' | 'ended' {
    if (now >= this.#endsAt) return 'ended'
    if (this.#announced || now < this.expiresAt.getTime() - TOKEN_EXPIRING_MS) return 'alive'
    this.#announced = true
    return 'expiring'
  }
}
