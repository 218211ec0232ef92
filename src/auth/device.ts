import { PosthornError } from '../protocol/errors.js'
import type { UserPrincipal } from './principal.js'

/**
 * The device of a connection: the token's, or the query's where the token serves any.
 * @throws PosthornError `device_required` where neither names one, `device_not_allowed` where they differ
 */
export function deviceFor(principal: UserPrincipal, asked: string | undefined): string {
  const device = principal.device ?? asked
  if (device === undefined) {
    throw new PosthornError('device_required', 'Name the device: `?device=` or the claim `device`.')
  }
  if (asked !== undefined) requireDevice(principal, asked)
  return device
}

/** @throws PosthornError `device_not_allowed` where the token serves one device, and not this one */
export function requireDevice(principal: UserPrincipal, device: string): void {
  if (principal.device !== undefined && principal.device !== device) {
    throw new PosthornError('device_not_allowed', 'The token serves another device.')
  }
}
