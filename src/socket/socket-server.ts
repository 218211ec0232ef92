import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { ERRORS, isFault, PosthornError } from '../protocol/errors.js'
import { REFUSALS } from '../protocol/refusals.js'
import type { SocketRequest } from '../protocol/socket-query.js'
import { SUBPROTOCOL } from '../protocol/version.js'
import { pathForLog } from '../telemetry/path-for-log.js'
import { requestIdOf } from '../telemetry/request-id.js'
import { Arrivals, type ArrivalLimits } from './arrivals.js'
import { readHandshake, type HandshakeRules } from './handshake.js'
import { MAX_FRAME_BYTES } from './limits.js'
import { toClientError } from './downlink.js'
import { endWithProblem } from './refusal.js'
import type { Credential } from './credential.js'
import { Session } from './session.js'
import type { SessionContext } from './session-context.js'
import type { SocketLike } from './socket-like.js'
import { frameStart, textFrame } from './text-frame.js'

/** How long a peer has to answer a close before its connection is cut, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000

/** Every message is text, also one that comes as bytes. */

const SOCKET_PATH = '/v1/socket'

// A constant of its own, since @types/ws doesn't know `closeTimeout` yet.
const UPGRADER_OPTIONS = {
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
  isStopping: () => boolean
}

/** Takes requests to become a WebSocket and makes a session of each. */
export class SocketServer {
  readonly #options: SocketServerOptions
  readonly #upgrader = new WebSocketServer(UPGRADER_OPTIONS)
  readonly #requestIds = new WeakMap<IncomingMessage, string>()
  /** Every connection that was taken, until it has ended. */
  readonly #sockets = new Set<Duplex>()
  readonly #arrivals: Arrivals

  constructor(options: SocketServerOptions) {
    this.#options = options
    this.#arrivals = new Arrivals(options)
    // ws tells here what is wrong with a handshake by RFC 6455 §4.2.1.
    this.#upgrader.on('wsClientError', (error: Error, socket: Duplex, request: IncomingMessage) => {
      const refusal = new PosthornError('invalid_handshake', error.message)
      this.#refuse(request, socket, refusal)
    })
    this.#upgrader.on('headers', (headers: string[], request: IncomingMessage) => {
      headers.push(`X-Request-Id: ${this.#requestIds.get(request) ?? ''}`)
    })
  }

  /** Takes a request to become a WebSocket. */
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    // A peer that goes away is told by `close`; without a listener the error would end the process.
    socket.on('error', () => undefined)
    void this.#upgrade(request, socket, head)
  }

  /** Cuts whatever connection is left. */
  terminate(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#requestIds.set(request, requestIdOf(request.headers['x-request-id']))
    try {
      const url = URL.parse(request.url ?? '', 'http://localhost')
      if (url?.pathname !== SOCKET_PATH) {
        throw new PosthornError('not_found', `WebSockets connect to ${SOCKET_PATH}.`)
      }
      const refusal = await this.#arrivals.admit(request, url, this.#sockets.size)
      if (refusal) this.#options.context.connections.handshakeRefused(refusal.code)
      const { request: asked, credential } = await readHandshake(request, url, this.#options)
      if (socket.destroyed) return
      if (this.#options.isStopping()) {
        throw new PosthornError('shutting_down', 'The service is stopping.')
      }
      this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
        this.#begin(webSocket, socket, {
          address: this.#options.addressOf(request),
          request: asked,
          credential: refusal ? { kind: 'refused', error: refusal } : credential,
        })
      })
    } catch (error) {
      this.#refuse(request, socket, error)
    }
  }

  #refuse(request: IncomingMessage, socket: Duplex, thrown: unknown): void {
    const requestId = this.#requestIds.get(request) ?? ''
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

  #begin(
    webSocket: WebSocket,
    socket: Duplex,
    handshake: { address: string | undefined; request: SocketRequest; credential: Credential },
  ): void {
    const id = randomBytes(12).toString('base64url')
    const session = new Session(this.#options.context, toSocketLike(webSocket, socket), {
      id,
      ...handshake,
    })
    webSocket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) session.receiveBinary()
      else session.receive(data.toString())
    })
    webSocket.on('pong', () => session.heard())
    webSocket.on('ping', () => session.heard())
    webSocket.on('close', (code) => session.closed(code))
    // ws closes with the right code by itself (1002, 1007, 1009) and then emits `close`.
    webSocket.on('error', () => undefined)
    socket.on('drain', () => session.drained())
  }
}

/**
 * What a session sees of a socket. Without compression ws keeps nothing back, so that a frame may go to the connection itself, in order
 * with those of ws: written at once, as one piece, it costs a fifth less than `webSocket.send` (`live`, `topic`).
 */
function toSocketLike(webSocket: WebSocket, socket: Duplex): SocketLike {
  const together = (work: () => void): void => {
    socket.cork()
    work()
    socket.uncork()
  }
  return {
    get bufferedAmount() {
      return socket.writableLength
    },
    send(text) {
      if (webSocket.readyState !== WebSocket.OPEN) return
      if (typeof text === 'string') socket.write(textFrame(text))
      else together(() => [frameStart(text.byteLength), text].forEach((part) => socket.write(part)))
    },
    together,
    ping: () => webSocket.ping(),
    close: (code, reason) => webSocket.close(code, reason),
  }
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
