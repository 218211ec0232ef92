import type { UserPrincipal } from '../auth/principal.js'
import { PosthornError } from '../protocol/errors.js'

/**
 * The device of a connection: the token's, or the query's where the token serves any.
 * @throws PosthornError `device_required` where neither names one, `device_not_allowed` where they differ
 */
export function deviceFor(principal: UserPrincipal, asked: string | undefined): string {
  const device = principal.device ?? asked
  if (device === undefined) {
    throw new PosthornError('device_required', 'Name the device: `?device=` or the claim `device`.')
  }
  if (asked !== undefined && asked !== device) {
    throw new PosthornError('device_not_allowed', 'The token serves another device.')
  }
  return device
}
