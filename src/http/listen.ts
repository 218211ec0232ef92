import type { AddressInfo } from 'node:net'
import type { OpenedServer } from './server.js'

/** Where to listen; port 0 takes a free one. */
export interface Place {
  scheme: OpenedServer['scheme']
  host: string
  port: number
}

/**
 * Listens, and gives the URL under which it can be reached.
 * @throws Error where the port is taken, say
 */
export async function listen(
  server: OpenedServer['server'],
  { scheme, host, port }: Place,
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return `${scheme}://${reachable(host)}:${portOf(server)}`
}

/** The port of a server that listens. */
export function portOf(server: OpenedServer['server']): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** A host that can be put in a URL: whoever listens on every address is shown one that can be opened. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
