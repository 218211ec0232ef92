import { PosthornError } from '../protocol/errors.js'
import type { Left } from './allowance.js'
import type { Principal } from './principal.js'
import { ownCounters, type Counter, type CounterFactory } from './shared-allowance.js'

/** Over how long requests are counted, in seconds: short bursts pass. */
const SECONDS = 10

/** What a caller has left of its requests. */
export interface Quota extends Left {
  /** Whose requests are counted together: those of a user or of a service. */
  policy: Principal['kind']
  /** How many there are within … */
  max: number
  /** … so many seconds. */
  windowSeconds: number
}

export interface QuotaSettings {
  userRequestsPerSecond: number | undefined
  serviceRequestsPerSecond: number | undefined
}

/** How many requests each user and each service may make. */
export class Quotas {
  readonly #allowances: Readonly<Record<Principal['kind'], Counter | undefined>>

  /** `counters`: where it is counted; by default in this process. */
  constructor(
    { userRequestsPerSecond, serviceRequestsPerSecond }: QuotaSettings,
    counters: CounterFactory = ownCounters,
  ) {
    const counterOf = (kind: Principal['kind'], perSecond: number | undefined) =>
      perSecond === undefined
        ? undefined
        : counters(kind, { max: perSecond * SECONDS, seconds: SECONDS })
    this.#allowances = {
      user: counterOf('user', userRequestsPerSecond),
      service: counterOf('service', serviceRequestsPerSecond),
    }
  }

  /** Takes so many requests of a caller's, all or none; undefined, and at no cost, where it may make any number. */
  take(principal: Principal, requests = 1): Promise<Quota> | undefined {
    const { kind } = principal
    const allowance = this.#allowances[kind]
    return allowance && takeFrom(allowance, principal, requests)
  }

  /** @throws PosthornError `rate_limited` where the caller has none left */
  async admit(principal: Principal): Promise<void> {
    const quota = await this.take(principal)
    if (quota?.isTooMuch) throw tooManyRequests(quota)
  }
}

/** The refusal of one request too many. */
export function tooManyRequests({ max, windowSeconds, seconds }: Quota): PosthornError {
  const detail = `At most ${max} requests in ${windowSeconds} seconds.`
  return new PosthornError('rate_limited', detail, { retryAfterSeconds: seconds })
}

async function takeFrom(
  allowance: Counter,
  principal: Principal,
  requests: number,
): Promise<Quota> {
  const left = await allowance.take(nameOf(principal), requests)
  return { ...left, policy: principal.kind, max: allowance.max, windowSeconds: allowance.seconds }
}

/** Its issuer's length tells two services apart whose names run together the same. */
function nameOf(principal: Principal): string {
  if (principal.kind === 'user') return principal.user
  return `${principal.issuer.length}:${principal.issuer}${principal.subject}`
}
