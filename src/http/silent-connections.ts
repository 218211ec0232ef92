import type { IncomingMessage, Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * Connections that have not sent a request yet. A server that stops ends those between two requests by itself, but waits for these:
 * browsers open some in advance and leave them.
 */
export class SilentConnections {
  readonly #sockets = new Set<Socket>()

  constructor(server: Server | TlsServer) {
    // Over TLS a request comes by another socket than the one that was connected: that of the finished handshake.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    // Not by the socket's own `data`: a listener for that takes Node's parser off its fast path.
    const heard = ({ socket }: IncomingMessage): void => void this.#sockets.delete(socket)
    server.on('request', heard)
    server.on('checkExpectation', heard)
    server.on('upgrade', heard)
  }

  /** Ends those on which nothing has come at all: nobody waits for an answer there. */
  end(): void {
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}
