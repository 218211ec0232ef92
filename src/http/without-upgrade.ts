import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'

/** Headers that ask for another protocol: RFC 9110 §7.8, RFC 7540 §3.2.1. */
const UPGRADE_HEADERS = new Set(['upgrade', 'connection', 'http2-settings'])

/**
 * Serves a request that asks for an upgrade which isn't ours as if it had not asked (RFC 9110 §7.8 allows that). Some
 * clients, Java's among them, ask for HTTP/2 on each request; Node hands such a request out without its body as soon as
 * anyone listens for upgrades, so it is put back on its connection without what it asked for.
 */
export function serveWithoutUpgrade(
  server: Server,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let at = 0; at + 1 < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2)
    if (!UPGRADE_HEADERS.has(name.toLowerCase())) lines.push(`${name}: ${value}`)
    // RFC 9112 §9.6: who says so ends the connection with this answer.
    else if (/(?:^|[\s,])close(?:$|[\s,])/i.test(value)) lines.push('Connection: close')
  }
  // Node reads headers as latin1, so that is how they are written again.
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}
