import { getRequestListener } from '@hono/node-server'
import { answerClientError } from './client-error.js'
import type { HttpContext } from './environment.js'
import { listen } from './listen.js'
import { createOperationsApp } from './operations.js'
import { unroutedHandler } from './problems.js'
import { withSecurityHeaders } from './security-headers.js'
import { openServer } from './server.js'
import { SilentConnections } from './silent-connections.js'

/** Probes and scrapers are few; more at once are dropped. */
const MAX_CONNECTIONS = 100

/** The port of operators, while it listens. */
export interface OperationsServer {
  url: string
  /** Stops listening, lets answers that are under way go out for so many milliseconds, and ends the rest; idempotent. */
  close: (withinMs: number) => Promise<void>
}

/**
 * Listens for operators: plain HTTP, also where users come over TLS. It goes on while the service stops.
 * @throws Error where the port is taken, say
 */
export async function openOperations(
  http: HttpContext,
  place: { host: string; port: number },
): Promise<OperationsServer> {
  const { server } = openServer({ tls: undefined, maxConnections: MAX_CONNECTIONS })
  const app = createOperationsApp(http)
  const answer = getRequestListener(app.fetch, { errorHandler: unroutedHandler(http.log) })
  const serve = withSecurityHeaders((request, response) => void answer(request, response), {
    strictTransport: false,
  })
  server.on('request', serve)
  server.on('checkExpectation', serve)
  server.on('clientError', answerClientError)
  const silent = new SilentConnections(server)
  const url = await listen(server, { scheme: 'http', ...place })
  server.on('error', (error) => http.log.error({ err: error }, 'server of operators failed'))

  const end = async (withinMs: number): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve))
    silent.end()
    const cut = setTimeout(() => server.closeAllConnections(), withinMs)
    await closed
    clearTimeout(cut)
  }
  let ended: Promise<void> | undefined
  return { url, close: (withinMs) => (ended ??= end(withinMs)) }
}
