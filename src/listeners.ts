import type { IncomingMessage, RequestListener } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import type { OriginRule } from './auth/origins.js'
import type { Config } from './config.js'
import { AnswersInTurn } from './http/answers-in-turn.js'
import { createApp } from './http/app.js'
import { answerClientError } from './http/client-error.js'
import { warnOfDrops } from './http/dropped-connections.js'
import type { HttpContext } from './http/environment.js'
import { listen, portOf } from './http/listen.js'
import { openOperations, type OperationsServer } from './http/operations-server.js'
import { unroutedHandler } from './http/problems.js'
import { withSecurityHeaders } from './http/security-headers.js'
import { openServer, type OpenedServer, type ServerTimes } from './http/server.js'
import { SilentConnections } from './http/silent-connections.js'
import { serveWithoutUpgrade } from './http/without-upgrade.js'
import type { Stopwatch } from './inbox/clock.js'
import { SocketServer, type SocketServerOptions } from './socket/socket-server.js'

/** TCP connections beside the sockets: requests, those that wait for the next, and those on which nothing has come yet. */
const SPARE_CONNECTIONS = 5_000

export interface ListenersOptions {
  /** What the routes are given, and … */
  http: Omit<HttpContext, 'origins' | 'loopbackHostsOnly'>
  /** … what the sockets are. */
  socket: SocketServerOptions['context']
  stopwatch: Stopwatch
  times: Partial<ServerTimes> | undefined
}

/** What takes connections. */
export interface Listeners {
  /** Where the service is reached, as `http://host:port`, or https. */
  url: string
  server: OpenedServer['server']
  silent: SilentConnections
  answers: AnswersInTurn
  sockets: SocketServer
  /** Where operators ask, where there is an `OPS_PORT`. */
  operations: OperationsServer | undefined
  /** @throws Error where the files of the certificate are no pair; the former one stays */
  reload: () => void
  /** When the certificate that is shown ends, in milliseconds since 1970; undefined without one. */
  certificateEndsAt: () => number | undefined
}

/**
 * Listens for requests and sockets on one port, and for operators on theirs.
 * @throws Error where a port is taken, or the certificate is none; nothing listens then
 */
export async function openListeners(
  config: Config,
  { http: given, socket, stopwatch, times }: ListenersOptions,
): Promise<Listeners> {
  const { inDevelopment, host, port, opsPort } = config
  const { log } = given
  const { server, scheme, reload, certificateEndsAt } = openServer({
    tls: config.tls,
    times,
    maxConnections: config.maxConnections + SPARE_CONNECTIONS,
  })
  const origins: OriginRule = {
    allowed: new Set([
      ...config.allowedOrigins,
      ...(config.publicOrigin ? [config.publicOrigin] : []),
    ]),
    // In development, its own: known once it listens, which is before anyone can ask.
    loopbackPort: undefined,
    loopbackScheme: scheme,
  }
  const http: HttpContext = { ...given, origins, loopbackHostsOnly: inDevelopment }
  const serve = listenerOf(http, { strictTransport: scheme === 'https' && !inDevelopment })
  server.on('request', serve)
  const silent = new SilentConnections(server)
  const answers = new AnswersInTurn(server)
  const operations =
    opsPort === undefined ? undefined : await openOperations(http, { host, port: opsPort })
  const url = await listen(server, { scheme, host, port }).catch(async (error: unknown) => {
    await operations?.close(0)
    throw error
  })
  if (inDevelopment) origins.loopbackPort = portOf(server)
  if (config.console && !inDevelopment && origins.allowed.size === 0) {
    log.warn("the console's page can open no socket: set PUBLIC_URL to where it is opened")
  }

  const sockets = new SocketServer({
    verify: http.verify,
    addressOf: (request) => http.addresses.of(request),
    maxConnections: config.maxConnections,
    addressUpgradesPerSecond: config.addressUpgradesPerSecond,
    origins,
    loopbackHostsOnly: inDevelopment,
    allowQueryToken: config.allowQueryToken,
    context: socket,
    isStopping: http.wayOut.isStopping,
  })
  server.on('error', (error) => log.error({ err: error }, 'server failed'))
  warnOfDrops(server, log, stopwatch)
  server.on('clientError', answerClientError)
  // RFC 9110 §10.1.1 lets a server pass over an expectation that it doesn't know.
  server.on('checkExpectation', serve)
  server.on('upgrade', (request: IncomingMessage, connection: Duplex, head: Buffer) => {
    const isOurs = request.headers.upgrade?.toLowerCase() === 'websocket'
    answers.after(connection, () => {
      if (isOurs) sockets.take(request, connection, head)
      else serveWithoutUpgrade(server, request, connection, head)
    })
  })
  return { url, server, silent, answers, sockets, operations, reload, certificateEndsAt }
}

function listenerOf(
  http: HttpContext,
  headers: Parameters<typeof withSecurityHeaders>[1],
): RequestListener {
  const answer = getRequestListener(createApp(http).fetch, {
    errorHandler: unroutedHandler(http.log),
  })
  return withSecurityHeaders((request, response) => void answer(request, response), headers)
}
