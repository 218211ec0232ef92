import type { RequestListener } from 'node:http'
import { SECURITY_HEADERS } from '../protocol/security-headers.js'

/**
 * One year, and this host alone: the names below it are not ours to speak for. A browser holds it for every port of the host
 * (RFC 6797 §8.3).
 */
const STRICT_TRANSPORT = { 'strict-transport-security': 'max-age=31536000' }

export interface SecurityHeadersOptions {
  /**
   * Whether browsers are told to come by TLS alone from now on (RFC 6797). To be said over TLS only (§7.2), so where a proxy
   * ends it the proxy says it; and not in development, where the host is `localhost`, which other programs share.
   */
  strictTransport: boolean
}

/**
 * Gives every answer of a listener the headers of `SECURITY_HEADERS`; what the listener sets itself stands in their place. It
 * stands before the framework, so that what that answers by itself has them too. (Behind the handlers, as hono's
 * `secureHeaders` stands, each answer would be made a second time.)
 */
export function withSecurityHeaders(
  listener: RequestListener,
  { strictTransport }: SecurityHeadersOptions,
): RequestListener {
  const headers = new Map<string, string>(
    Object.entries({ ...SECURITY_HEADERS, ...(strictTransport && STRICT_TRANSPORT) }),
  )
  return (request, response) => {
    response.setHeaders(headers)
    return listener(request, response)
  }
}
