import type { OnPoison } from './deliverer.js'
import type { ClientStorage } from './environment.js'

export interface ConnectOptions {
  /** Where the service is: http(s) or ws(s), with a path where it stands behind one. */
  url: string | URL
  /** Asked on every attempt and before the token ends. */
  token: () => string | Promise<string>
  /** This device of the user: 1–128 of `A-Za-z0-9._:-`. */
  device: string
  /** Where the position is kept, from which the next process goes on. */
  storage: ClientStorage
  /** Most notifications that `items()` holds; with 0 the inbox is not listed. Default 100. */
  maxItems?: number | undefined
  /** How long a command may wait for its answer, the connection included, in milliseconds. Default 10,000. */
  deadlineMs?: number | undefined
  /** What becomes of an entry that a handler has thrown at three times. Default: `acknowledge`. */
  onPoison?: OnPoison | undefined
}

/** The service's address over HTTP, for `path`, which is relative to `url`. */
export function httpUrl(url: string | URL, path: string): URL {
  const base = new URL(url)
  base.protocol = base.protocol.replace(/^ws/, 'http')
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  base.search = ''
  base.hash = ''
  return new URL(path, base)
}

/** The address of its socket, with this query; the token is never in it. */
export function socketUrl(
  url: string | URL,
  query: { device?: string; batch?: boolean; cursor?: number; epoch?: string },
): URL {
  const address = httpUrl(url, 'v1/socket')
  address.protocol = address.protocol.replace(/^http/, 'ws')
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value))
  return address
}
