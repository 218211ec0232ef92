import { valuesOf } from './headers.js'

/** Names by which a machine reaches only itself; `host` as in a URL, IPv6 in brackets. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
  )
}

/** As much of a request as says to whom it is addressed. */
export interface Addressed {
  /** The request target: a path, or a whole URL (RFC 9112 §3.2.2). */
  url?: string | undefined
  headers: { host?: string | undefined }
  /** Names and values by turns, as they came. */
  rawHeaders: readonly string[]
}

/** Whether a request names its host once: RFC 9112 §3.2 has all others refused, since a proxy may have read the other one. */
export function hasOneHost({ rawHeaders }: Addressed): boolean {
  return valuesOf(rawHeaders, 'host').length === 1
}

/**
 * Whether a request is addressed to this machine itself, by its target and its `Host` alike. In development a page of
 * another site must not reach the service through a name that it points at 127.0.0.1 (DNS rebinding).
 */
export function isForLoopback({ url = '', headers }: Addressed): boolean {
  return isLoopbackHostHeader(headers.host) && (url.startsWith('/') || isLoopbackUrl(url))
}

function isLoopbackUrl(url: string): boolean {
  const parsed = URL.parse(url)
  return parsed !== null && isLoopbackHost(parsed.hostname)
}

/** Whether a `Host` header names this machine itself. */
export function isLoopbackHostHeader(header: string | undefined): boolean {
  if (header === undefined) return false
  const url = URL.parse(`http://${header}`)
  return (
    url !== null &&
    url.host === header.toLowerCase().replace(/:80$/, '') &&
    isLoopbackHost(url.hostname)
  )
}

/** Whether what comes from this URL could be replaced on its way: plain http from another machine. */
export function isReplaceable(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'http:' && !isLoopbackHost(hostname)
}
