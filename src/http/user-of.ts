import { PosthornError } from '../protocol/errors.js'
import { UserId } from '../protocol/identifiers.js'

/**
 * The user whom a path names.
 * @throws PosthornError `not_found` where no user can be so called
 */
export function userOf(name: string, path: string): string {
  if (!isEncoded(path) || !UserId.safeParse(name).success) {
    throw new PosthornError('not_found', 'There is no such user.')
  }
  return name
}

/** Whether a path is rightly percent-encoded (RFC 3986 §2.1): hono takes what is not as it stands, and two spellings for one user. */
export function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}
