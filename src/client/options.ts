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

/** @throws TypeError where one of them is none: plain JavaScript has no types that would tell */
export function checkOptions(options: {
  [Name in 'url' | 'token' | 'maxItems' | 'deadlineMs']?: unknown
}): void {
  const { url, token, maxItems, deadlineMs } = options
  if (!isAddress(url)) throw new TypeError('`url` is needed: http(s) or ws(s), with a host')
  if (typeof token !== 'function') {
    throw new TypeError('`token` is needed: a function that gives a token, or a promise of one')
  }
  if (maxItems !== undefined && !isWhole(maxItems, 0)) {
    throw new TypeError('`maxItems` is a whole number from 0 on')
  }
  if (deadlineMs !== undefined && !isWhole(deadlineMs, 1)) {
    throw new TypeError('`deadlineMs` is a whole number of milliseconds from 1 on')
  }
}

function isAddress(value: unknown): boolean {
  if (typeof value !== 'string' && !(value instanceof URL)) return false
  try {
    return /^(https?|wss?):$/.test(new URL(value).protocol)
  } catch {
    return false
  }
}

function isWhole(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
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
