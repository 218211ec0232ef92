import { counter, gauge, type Instruments } from './instruments.js'

/** Close codes that the protocol knows (RFC 6455 §7.4.1, and ours); a peer may make up any other. */
const CLOSE_CODES: ReadonlySet<number> = new Set([
  1000, 1001, 1002, 1003, 1005, 1006, 1007, 1009, 1011, 1012, 1013, 4400, 4401, 4403, 4408, 4409,
  4410, 4429,
])

/** What connections do now. */
export interface Census {
  /** All of them, those that are being opened too. */
  connections: number
  /** Open ones that have not caught up. */
  replaying: number
  /** Open ones that may be sent nothing before they acknowledge. */
  windowFull: number
}

/** Which connections there are, and how they begin and end. */
export class ConnectionMetrics {
  readonly #connections
  readonly #replaying
  readonly #windowFull
  readonly #closes
  readonly #authenticationFailures
  readonly #handshakesRefused

  /** `refusals` are the codes that `refused` may be told of: a series that begins at 0 shows its first increase. */
  constructor(registry: Instruments, refusals: readonly string[]) {
    this.#connections = gauge(registry, {
      name: 'connections',
      help: 'Sockets that are connected now.',
    })
    this.#replaying = gauge(registry, {
      name: 'sessions_replaying',
      help: 'Sessions that have not caught up with the log yet.',
    })
    this.#windowFull = gauge(registry, {
      name: 'sessions_window_full',
      help: 'Sessions that are sent nothing until they acknowledge.',
    })
    this.#closes = counter(registry, {
      name: 'closes_total',
      help: 'Connections that ended, by close code and by who closed.',
      labels: ['code', 'by'],
    })
    this.#authenticationFailures = counter(registry, {
      name: 'authentication_failures_total',
      help: 'Callers who were not let in, or not as far as they asked, by error code and by where they came.',
      labels: ['code', 'at'],
    })
    this.#handshakesRefused = counter(registry, {
      name: 'handshakes_refused_total',
      help: 'Handshakes of sockets that came to nothing, by error code: as an HTTP status, or beyond the most sockets by a close.',
      labels: ['code'],
    })
    for (const code of ['overloaded', 'rate_limited']) this.#handshakesRefused.inc({ code }, 0)
    for (const code of [...CLOSE_CODES, 'other'].map(String)) {
      for (const by of ['service', 'client']) this.#closes.inc({ code, by }, 0)
    }
    for (const code of refusals) {
      for (const at of ['http', 'socket']) this.#authenticationFailures.inc({ code, at }, 0)
    }
  }

  /** A connection has ended; `code` as RFC 6455 §7.4, from outside. */
  closed(code: number, by: 'service' | 'client'): void {
    this.#closes.inc({ code: CLOSE_CODES.has(code) ? String(code) : 'other', by })
  }

  /** A caller was refused for what it showed; `code` of the table of errors. */
  refused(code: string, at: 'http' | 'socket'): void {
    this.#authenticationFailures.inc({ code, at })
  }

  /** A socket was not opened, or only to tell its client why it is one too many; `code` of the table of errors. */
  handshakeRefused(code: string): void {
    this.#handshakesRefused.inc({ code })
  }

  show({ connections, replaying, windowFull }: Census): void {
    this.#connections.set(connections)
    this.#replaying.set(replaying)
    this.#windowFull.set(windowFull)
  }
}
