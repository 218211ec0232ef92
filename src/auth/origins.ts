import { isLoopbackHost } from './hosts.js'

/** Which pages may open a socket, by the `Origin` that their browser sends (RFC 6455 §10.2). */
export interface OriginRule {
  /** Origins as browsers write them: scheme, host and port, no path. */
  allowed: ReadonlySet<string>
  /** In development: the loopback origin under each of its names, at this port. */
  loopbackPort: number | undefined
}

/** Whoever sends no origin is no browser, and is let by. */
export function isOriginAllowed(origin: string | undefined, rule: OriginRule): boolean {
  if (origin === undefined || rule.allowed.has(origin)) return true
  return rule.loopbackPort !== undefined && isLoopbackOrigin(origin, rule.loopbackPort)
}

/** Whether an origin is that of this machine itself at a port, under whichever of its names. */
export function isLoopbackOrigin(origin: string, port: number): boolean {
  const url = URL.parse(origin)
  return (
    url !== null &&
    url.origin === origin &&
    url.protocol === 'http:' &&
    isLoopbackHost(url.hostname) &&
    Number(url.port || 80) === port
  )
}
