/** Names by which a machine reaches only itself; `host` as in a URL, IPv6 in brackets. */
export function isLoopbackHost(host: string): boolean {
  return (
    host === 'localhost' || host === '[::1]' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
  )
}

/**
 * Whether a `Host` header names this machine itself. In development a page of another site must not reach the service
 * through a name that it points at 127.0.0.1 (DNS rebinding).
 */
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
