import type { Environment } from './environment.js'

const SECOND_MS = 1_000

/** Commands a second on a connection of its own, and on one that is another tab's: a few tabs stay below the service's 50. */
const OWN_COMMANDS = 40
const SHARED_COMMANDS = 8

/** How many commands may go out in a second. */
export function perSecond(isOwn: boolean): number {
  return isOwn ? OWN_COMMANDS : SHARED_COMMANDS
}

/**
 * Keeps commands under the service's limit of 50 a second for each connection (the contract's §4), with room for those that the
 * network brings closer together.
 */
export class Pace {
  readonly #environment: Pick<Environment, 'now'>
  /** Most in any second. */
  #perSecond = 0
  /** When the latest were sent, the oldest first. */
  #sent: number[] = []
  #heldUntil = -Infinity

  constructor(environment: Pick<Environment, 'now'>) {
    this.#environment = environment
  }

  /** Begins anew, on a connection that others may use too. */
  begin(perSecond: number): void {
    this.#perSecond = perSecond
    this.#sent = []
    this.#heldUntil = -Infinity
  }

  /** The service has had too many: none goes out for a second. */
  hold(): void {
    this.#heldUntil = this.#environment.now() + SECOND_MS
  }

  /** Notes that one goes out. */
  note(): void {
    this.#sent.push(this.#environment.now())
  }

  /** Milliseconds until one more may go out; 0 where it may now. */
  get waitMs(): number {
    const now = this.#environment.now()
    // What lies ahead was noted before the clock was set back.
    this.#sent = this.#sent.filter((at) => at <= now && now - at < SECOND_MS)
    const oldest = this.#sent.at(-this.#perSecond)
    const isHeld = this.#heldUntil > now && this.#heldUntil - now <= SECOND_MS
    return Math.max(
      isHeld ? this.#heldUntil - now : 0,
      oldest === undefined ? 0 : oldest + SECOND_MS - now,
    )
  }
}
