import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { ERRORS, isFault, PosthornError } from '../protocol/errors.js'
import { REFUSALS } from '../protocol/refusals.js'
import { SUBPROTOCOL } from '../protocol/version.js'
import { pathForLog } from '../telemetry/path-for-log.js'
import { requestIdOf } from '../telemetry/request-id.js'
import { Arrivals, type ArrivalLimits } from './arrivals.js'
import { connectionId } from './connection-id.js'
import { readHandshake, type HandshakeRules } from './handshake.js'
import { MAX_FRAME_BYTES } from './limits.js'
import { toClientError } from './downlink.js'
import { endWithProblem } from './refusal.js'
import type { Credential } from './credential.js'
import { Session } from './session.js'
import type { SessionContext } from './session-context.js'
import { SessionSocket } from './session-socket.js'
import { queryOfSocket, SOCKET_PATH } from './socket-target.js'

/** How long a peer has to answer a close before its connection is cut, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000

// A constant of its own, since @types/ws doesn't know `closeTimeout` yet.
const UPGRADER_OPTIONS = {
  WebSocket: SessionSocket,
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MAX_FRAME_BYTES,
  closeTimeout: CLOSE_TIMEOUT_MS,
  // The token's entry stands beside ours and must not be sent back.
  handleProtocols: (offered: Set<string>) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
} as const

export interface SocketServerOptions extends HandshakeRules, ArrivalLimits {
  context: SessionContext
  /** Where a request comes from; undefined where it counts for no address. */
  addressOf: (request: IncomingMessage) => string | undefined
  isStopping: () => boolean
}

/** Takes requests to become a WebSocket and makes a session of each. */
export class SocketServer {
  readonly #options: SocketServerOptions
  readonly #upgrader = new WebSocketServer(UPGRADER_OPTIONS)
  /** The id of the request that the upgrader has at hand: it is done with each before it is given the next. */
  #requestId = ''
  /** Every connection that was taken, until it has ended. */
  readonly #sockets = new Set<Duplex>()
  readonly #forget: (this: Duplex) => void
  readonly #arrivals: Arrivals

  constructor(options: SocketServerOptions) {
    this.#options = options
    this.#arrivals = new Arrivals(options)
    const sockets = this.#sockets
    this.#forget = function (this: Duplex) {
      sockets.delete(this)
    }
    // ws tells here what is wrong with a handshake by RFC 6455 §4.2.1.
    this.#upgrader.on('wsClientError', (error: Error, socket: Duplex, request: IncomingMessage) => {
      const refusal = new PosthornError('invalid_handshake', error.message)
      this.#refuse(request, socket, { thrown: refusal, requestId: this.#requestId })
    })
    this.#upgrader.on('headers', (headers: string[]) => {
      headers.push(`X-Request-Id: ${this.#requestId}`)
    })
  }

  /** Takes a request to become a WebSocket. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket)
    socket.on('close', this.#forget)
    // A peer that goes away is told by `close`; without a listener the error would end the process.
    socket.on('error', ignore)
    void this.#upgrade(request, socket, head)
  }

  /** Cuts whatever connection is left. */
  terminate(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const requestId = requestIdOf(request.headers['x-request-id'])
    try {
      const query = queryOfSocket(request.url ?? '')
      if (!query) throw new PosthornError('not_found', `WebSockets connect to ${SOCKET_PATH}.`)
      const address = this.#options.addressOf(request)
      const arrival = { request, query, address }
      const refusal = await this.#arrivals.admit(arrival, this.#sockets.size)
      if (refusal) this.#options.context.connections.handshakeRefused(refusal.code)
      const { request: asked, credential } = await readHandshake(arrival, this.#options)
      if (socket.destroyed) return
      if (this.#options.isStopping()) {
        throw new PosthornError('shutting_down', 'The service is stopping.')
      }
      const shown: Credential = refusal ? { kind: 'refused', error: refusal } : credential
      // The answer to the handshake goes out with what the session says first: one write in place of three, in `storm`.
      const isHeld = shown.kind !== 'none'
      if (isHeld) socket.cork()
      this.#requestId = requestId
      this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.runOver(socket, { isHeld })
        const id = connectionId()
        const handshake = { id, address, request: asked, credential: shown }
        webSocket.attach(new Session(this.#options.context, webSocket, handshake))
      })
    } catch (error) {
      this.#refuse(request, socket, { thrown: error, requestId })
    }
  }

  #refuse(
    request: IncomingMessage,
    socket: Duplex,
    { thrown, requestId }: { thrown: unknown; requestId: string },
  ): void {
    const { log, connections } = this.#options.context
    const error = toClientError(thrown)
    if (REFUSALS.has(error.code)) connections.refused(error.code, 'socket')
    connections.handshakeRefused(error.code)
    const { status } = ERRORS[error.code]
    const event = { request: requestId, path: pathOf(request), status, code: error.code }
    if (isFault(error.code)) log.error({ ...event, err: error.cause }, 'handshake failed')
    else log.info(event, 'handshake refused')
    endWithProblem(socket, error, requestId)
  }
}

function ignore(): void {
  // What has gone wrong with a connection is told by its end.
}

/** What a handshake was for, as it may stand in a log. */
function pathOf({ url = '' }: IncomingMessage): string {
  const [path = ''] = url.split('?', 1)
  return pathForLog(path.replaceAll(/(?:%[\da-f]{2})+/gi, decoded))
}

/** What percent signs encode, where they encode anything. */
function decoded(text: string): string {
  try {
    return decodeURI(text)
  } catch {
    return text
  }
}
