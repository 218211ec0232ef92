import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

/**
 * Tells where requests come from. `X-Forwarded-For` is believed where a trusted proxy sent it, and is read from the right,
 * where the nearest proxy wrote: the first address that is no trusted proxy is the caller's (MDN, X-Forwarded-For, "Selecting an IP
 * address"). What stands left of it anyone may have written.
 */
export class Addresses {
  readonly #trusted = new BlockList()
  readonly #trustsAny: boolean

  /** `trusted`: addresses, and blocks of them as `10.0.0.0/8`, each of which `isAddressBlock`. */
  constructor(trusted: readonly string[]) {
    this.#trustsAny = trusted.length > 0
    for (const block of trusted) {
      const parsed = parseBlock(block)
      if (!parsed) throw new Error(`no address, nor a block of addresses: ${block}`)
      const { address, family, prefix } = parsed
      if (prefix === undefined) this.#trusted.addAddress(address, family)
      else this.#trusted.addSubnet(address, prefix, family)
    }
  }

  /**
   * For whom a request counts: an IPv4 address, or the /64 of an IPv6 one, which is what one household or machine has to itself.
   * Undefined for a connection from this very machine that is of no trusted proxy: a process here, or a proxy that nobody named,
   * behind which everyone would share one address.
   */
  of({ socket, headers }: IncomingMessage): string | undefined {
    const peer = parseAddress(socket.remoteAddress ?? '')
    // It has hung up. What it asked for may cost all the same.
    if (!peer) return 'unknown'
    if (!this.#isTrusted(peer)) return isLoopback(peer) ? undefined : nameOf(peer)
    let caller = peer
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
    for (const entry of forwarded.toReversed()) {
      const hop = parseAddress(withoutPort(entry.trim()))
      if (!hop) break
      caller = hop
      if (!this.#isTrusted(hop)) break
    }
    return nameOf(caller)
  }

  #isTrusted({ address, family }: Address): boolean {
    // To ask an empty list took 5 µs of each connection in `storm`.
    return this.#trustsAny && this.#trusted.check(address, family)
  }
}

/** Whether this is an address, or a block of them in CIDR notation that isn't all there are. */
export function isAddressBlock(text: string): boolean {
  return parseBlock(text) !== undefined
}

interface Address {
  address: string
  family: 'ipv4' | 'ipv6'
}

function parseBlock(text: string): (Address & { prefix: number | undefined }) | undefined {
  const [base = '', length, ...more] = text.split('/')
  const parsed = parseAddress(base)
  if (!parsed || more.length > 0) return undefined
  if (length === undefined) return { ...parsed, prefix: undefined }
  // A block of IPv4 is written as one: the length of a mapped one would be of another kind.
  const isMapped = parsed.family === 'ipv4' && base.includes(':')
  const prefix = Number(length)
  const longest = parsed.family === 'ipv4' ? 32 : 128
  if (!/^\d{1,3}$/.test(length) || isMapped || prefix < 1 || prefix > longest) return undefined
  return { ...parsed, prefix }
}

/** An address in the one form that its family has; IPv4 in IPv6 (RFC 4291 §2.5.5.2) is IPv4. */
function parseAddress(text: string): Address | undefined {
  const bare = text.replace(/%.*$/, '') // the zone of a link-local address (RFC 4007 §11)
  switch (isIP(bare)) {
    case 4:
      return { address: bare, family: 'ipv4' }
    case 6: {
      const address = new URL(`http://[${bare}]`).hostname.slice(1, -1)
      const mapped = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/.exec(address)
      return mapped ? { address: dotted(mapped), family: 'ipv4' } : { address, family: 'ipv6' }
    }
    default:
      return undefined
  }
}

function dotted([, high = '', low = '']: RegExpExecArray): string {
  return [high, low]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((pair) => [pair >> 8, pair & 0xff])
    .join('.')
}

/** Some proxies write the port too: `203.0.113.9:51234`, `[2001:db8::9]:51234`. */
function withoutPort(entry: string): string {
  const [, bracketed, dotted] = /^(?:\[(.*)\]|([\d.]+))(?::\d{1,5})?$/.exec(entry) ?? []
  return bracketed ?? dotted ?? entry
}

function isLoopback({ address }: Address): boolean {
  return address === '::1' || address.startsWith('127.')
}

function nameOf({ address, family }: Address): string {
  if (family === 'ipv4') return address
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const between = tail === undefined ? 0 : 8 - before.length - after.length
  const groups = [...before, ...Array.from({ length: between }, () => '0'), ...after]
  return `${groups.slice(0, 4).join(':')}::/64`
}
