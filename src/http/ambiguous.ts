import type { IncomingMessage } from 'node:http'
import { hasOneHost } from '../auth/hosts.js'

/**
 * Whether Node's parser lets by what a proxy in front may have read otherwise: a second `Host` (RFC 9112 §3.2), or a transfer
 * coding in HTTP/1.0, which has none (§6.1).
 */
export function isAmbiguous(incoming: IncomingMessage): boolean {
  const isCoded =
    incoming.httpVersionMinor === 0 && incoming.headers['transfer-encoding'] !== undefined
  return isCoded || !hasOneHost(incoming)
}
