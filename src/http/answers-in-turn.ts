import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

function ignore(): void {
  // What has gone wrong with a connection is told by its end.
}

/**
 * Keeps the answers on a connection in the order of its requests (RFC 9112 §9.3.2) where one of these asks for an upgrade: Node hands
 * such a request out at once, beside its own queue, so that its answer could overtake those before it. Owns the connections that wait
 * for their turn, which Node watches no more: `end` ends them.
 */
export class AnswersInTurn {
  readonly #latest = new WeakMap<Duplex, ServerResponse>()
  readonly #waiting = new Set<Duplex>()

  constructor(server: Server) {
    const note = ({ socket }: IncomingMessage, answer: ServerResponse): void => {
      this.#latest.set(socket, answer)
    }
    server.on('request', note)
    server.on('checkExpectation', note)
  }

  /** Acts when every earlier answer on this connection has gone out: now, where none is under way; never, where it ends before. */
  after(socket: Duplex, act: () => void): void {
    const latest = this.#latest.get(socket)
    if (!latest || latest.closed) {
      act()
      return
    }
    // Nobody else listens now: an error that nobody hears ends the process, and whoever reads no answer must not stay for ever.
    const end = (): void => void socket.destroy()
    socket.on('error', ignore)
    socket.once('timeout', end)
    this.#waiting.add(socket)
    latest.once('close', () => {
      this.#waiting.delete(socket)
      socket.off('timeout', end)
      // The error that ended it may still come.
      if (socket.destroyed) return
      socket.off('error', ignore)
      act()
    })
  }

  /** Ends the connections that wait; idempotent. */
  end(): void {
    for (const socket of this.#waiting) socket.destroy()
  }
}
