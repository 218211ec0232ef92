import { Allowance } from '../auth/allowance.js'
import { PosthornError } from '../protocol/errors.js'
import { seesStatus, type Arrival } from './handshake.js'

export interface ArrivalLimits {
  /** Sockets of all users together. */
  maxConnections: number
  /** Sockets that are opened from one address; any number where undefined. */
  addressUpgradesPerSecond: number | undefined
}

/** Over how long upgrades are counted, in seconds: an office that comes back together passes. */
const SECONDS = 10

/** When to come again where there are as many sockets as there may be. */
const FULL_RETRY_SECONDS = 10

/** Beyond the most, so many pages at once are told over a socket why they are refused: the status of a handshake they can't see. */
const MAX_TOLD = 1_000

/** How many sockets there may be, and how many one address may open. */
export class Arrivals {
  readonly #limits: ArrivalLimits
  readonly #upgrades: Allowance | undefined

  constructor(limits: ArrivalLimits) {
    this.#limits = limits
    const { addressUpgradesPerSecond: rate } = limits
    this.#upgrades =
      rate === undefined ? undefined : new Allowance({ max: rate * SECONDS, seconds: SECONDS })
  }

  /**
   * Looks at a request to become a WebSocket, before anything else of it is; `connected` sockets there are with it.
   * Gives what is to be said over the socket that the client can't see otherwise.
   * @throws PosthornError `rate_limited` or `overloaded`, which end the handshake
   */
  async admit(arrival: Arrival, connected: number): Promise<PosthornError | undefined> {
    if (this.#upgrades && arrival.address !== undefined) {
      await count(this.#upgrades, arrival.address)
    }
    const { maxConnections } = this.#limits
    if (connected <= maxConnections) return undefined
    const overloaded = new PosthornError('overloaded', 'There are as many sockets as may be.', {
      retryAfterSeconds: FULL_RETRY_SECONDS,
    })
    if (seesStatus(arrival) || connected > maxConnections + MAX_TOLD) throw overloaded
    return overloaded
  }
}

async function count(upgrades: Allowance, address: string): Promise<void> {
  const { isTooMuch, seconds } = await upgrades.take(address)
  if (!isTooMuch) return
  throw new PosthornError('rate_limited', 'Too many sockets were opened from this address.', {
    retryAfterSeconds: seconds,
  })
}
