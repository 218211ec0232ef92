import type { Server } from 'node:http'
import { Server as TlsServer } from 'node:https'
import type { Socket } from 'node:net'

/**
 * Connections on which nothing has come yet. A server that stops ends those between two requests by itself, but waits for these:
 * browsers open some in advance and leave them.
 */
export class SilentConnections {
  readonly #sockets = new Set<Socket>()

  constructor(server: Server | TlsServer) {
    // Over TLS what counts is what comes after the handshake.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      // A request that asks for an upgrade which isn't ours brings its connection a second time (`serveWithoutUpgrade`).
      if (this.#sockets.has(socket)) return
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Ends them: nobody waits for an answer there. */
  end(): void {
    for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy()
  }
}
