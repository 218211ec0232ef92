import type { Context } from 'hono'
import { bearerToken } from '../auth/bearer.js'
import { tooManyRequests, type Quota } from '../auth/quotas.js'
import type { HttpContext, RequestEnvironment } from './environment.js'
import { rateLimitFields } from './rate-limit-fields.js'
import type { UnderWay } from './under-way.js'

/** What settling who is calling needs. */
type Door = Pick<HttpContext, 'verify' | 'addresses' | 'quotas'>

/** Settles who is calling, and whether it may now; a token of ours comes by the `Authorization` header alone. */
export function authenticate(
  door: Door,
  underWay?: UnderWay,
): (context: Context<RequestEnvironment>) => Promise<void> {
  const { verify, addresses } = door
  return async (context) => {
    const token = bearerToken(context.req.header('authorization'))
    const principal = await verify(token, () => addresses.of(context.env.incoming))
    context.set('principal', principal)
    const counting = countRequests(context, door)
    if (counting) await counting
    if (principal.kind === 'user') {
      underWay?.enter(principal.user, context.env.incoming, context.env.outgoing)
    }
  }
}

/**
 * Counts so many requests of the caller's; undefined, with no promise to wait for, where it may make any number.
 * @throws PosthornError `rate_limited` where it has fewer left; then none is counted
 */
export function countRequests(
  context: Context<RequestEnvironment>,
  { quotas }: Pick<HttpContext, 'quotas'>,
  requests = 1,
): Promise<void> | undefined {
  return quotas.take(context.get('principal'), requests)?.then((quota) => obey(context, quota))
}

function obey(context: Context<RequestEnvironment>, quota: Quota): void {
  // Services pace themselves by it; a user's page has no use for it before it is refused.
  if (quota.policy === 'service' || quota.isTooMuch) tell(context, quota)
  if (quota.isTooMuch) throw tooManyRequests(quota)
}

function tell(context: Context<RequestEnvironment>, quota: Quota): void {
  // For a problem, which doesn't take over the headers that an answer would have had.
  context.set('quota', quota)
  for (const [name, value] of Object.entries(rateLimitFields(quota))) context.header(name, value)
}
