import type { SocketLike } from './socket-like.js'

/** Pings a peer at regular times and notices when it gives no sign of life. */
export class Heartbeat {
  readonly #socket: SocketLike
  readonly #heartbeatMs: number
  readonly #pongMs: number
  #lastHeard: number
  #lastPing: number

  constructor(socket: SocketLike, options: { heartbeatMs: number; pongMs: number; now: number }) {
    this.#socket = socket
    this.#heartbeatMs = options.heartbeatMs
    this.#pongMs = options.pongMs
    this.#lastHeard = options.now
    this.#lastPing = options.now
  }

  /** When the peer last gave a sign of life, by the stopwatch. */
  get lastHeard(): number {
    return this.#lastHeard
  }

  heard(now: number): void {
    this.#lastHeard = now
  }

  tick(now: number): 'alive' | 'dead' {
    const waiting = this.#lastHeard < this.#lastPing
    if (waiting && now - this.#lastPing >= this.#pongMs) return 'dead'
    // While an answer is due no further ping is sent: it would only move the time from which we wait.
    if (!waiting && now - this.#lastPing >= this.#heartbeatMs) {
      this.#lastPing = now
      this.#socket.ping()
    }
    return 'alive'
  }
}
