import { isLoopbackHost } from './hosts.js'

/** Which pages may open a socket, by the `Origin` that their browser sends (RFC 6455 §10.2). */
export interface OriginRule {
  /** Origins as browsers write them: scheme, host and port, no path. */
  allowed: ReadonlySet<string>
  /** In development: the loopback origin under each of its names, at this port. */
  loopbackPort: number | undefined
  /** How it speaks there; plain HTTP where that is not said. */
  loopbackScheme?: 'http' | 'https'
}

/** Whoever sends no origin is no browser, and is let by. */
export function isOriginAllowed(origin: string | undefined, rule: OriginRule): boolean {
  return origin === undefined || rule.allowed.has(origin) || isLoopbackOrigin(origin, rule)
}

/** Whether an origin is that of the service itself in development, under whichever of its names. */
export function isLoopbackOrigin(
  origin: string,
  { loopbackPort, loopbackScheme = 'http' }: OriginRule,
): boolean {
  const url = URL.parse(origin)
  return (
    url !== null &&
    url.origin === origin &&
    url.protocol === `${loopbackScheme}:` &&
    isLoopbackHost(url.hostname) &&
    Number(url.port || (loopbackScheme === 'http' ? 80 : 443)) === loopbackPort
  )
}
