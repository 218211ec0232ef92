import { PosthornError } from '../protocol/errors.js'

/** RFC 6750 §2.1; the scheme's name is compared without case (RFC 9110 §11.1). */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i

/**
 * The token of an `Authorization` header.
 * @throws PosthornError `missing_token` where there is none, or it is of another scheme; `invalid_token` where the
 *   header is malformed
 */
export function bearerToken(header: string | undefined): string {
  if (header === undefined || !/^Bearer(?: |$)/i.test(header)) {
    throw new PosthornError('missing_token', 'Send `Authorization: Bearer <JWT>`.')
  }
  const token = BEARER.exec(header)?.[1]
  if (token === undefined) {
    throw new PosthornError('invalid_token', 'The Authorization header holds no well-formed token.')
  }
  return token
}
