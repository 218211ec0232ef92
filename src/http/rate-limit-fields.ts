import type { Quota } from '../auth/quotas.js'

/** Tells a caller of its limit, and what is left of it (draft-ietf-httpapi-ratelimit-headers-10 §3 and §4). */
export function rateLimitFields(quota: Quota | undefined): Record<string, string> {
  if (!quota) return {}
  const { policy, max, windowSeconds, remaining, seconds } = quota
  return {
    'ratelimit-policy': `"${policy}";q=${max};w=${windowSeconds}`,
    ratelimit: `"${policy}";r=${remaining};t=${seconds}`,
  }
}
