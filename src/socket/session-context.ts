import type { Quotas } from '../auth/quotas.js'
import type { Revocations } from '../auth/revocations.js'
import type { Verify } from '../auth/verify.js'
import type { Clock, Stopwatch } from '../inbox/clock.js'
import type { Marker } from '../inbox/marker.js'
import type { OwnTopics } from '../inbox/own-topics.js'
import type { OpenDevice, OpenedDevice, Store } from '../inbox/store.js'
import type { PosthornError } from '../protocol/errors.js'
import type { Log } from '../telemetry/log.js'
import type { ConnectionMetrics } from '../telemetry/connection-metrics.js'
import type { Tracing } from '../telemetry/tracing.js'
import type { SocketLimits } from './limits.js'
import type { LiveMove, ReaderTraffic } from './log-reader.js'

/** A session as those see it who reach all sessions at once. */
export interface LiveSession {
  /** Opaque name of its connection. */
  readonly id: string
  /** For which address it counts; for none where undefined. */
  readonly address: string | undefined
  /** Milliseconds since 1970. */
  readonly connectedAt: number
  /** When its peer last gave a sign of life, by the stopwatch. */
  readonly heardAt: number
  /** Whose it is, once that is known; also when it is over. */
  readonly device: string | undefined
  /** The epoch of the log that it reads, once it was welcomed; also when it is over. */
  readonly epoch: string | undefined
  /** Whether it has brought a token, good or not. */
  readonly hasToken: boolean
  /** Whether it was welcomed, and is not over. */
  readonly isOpen: boolean
  /** Whether it is open and has not caught up with the log. */
  readonly isReplaying: boolean
  /** Whether it is open and is sent nothing before it acknowledges. */
  readonly isWindowFull: boolean
  /** The log of its user has moved. */
  wake: (move: LiveMove) => void
  /** How far it knows its user's log to reach; undefined where it does not read it. */
  readonly latest: number | undefined
  /** Time has passed. */
  tick: () => void
  /** Hands it a frame that is in no log: dropped where the socket has no room for it. */
  deliver: (frame: string) => void
  /** Tells it that it is about to end, and when it may come back. */
  drain: (reconnectAfterMs: number) => void
  /** Ends it from this side. */
  close: (code: number, reason: string) => void
  /** Ends it from this side, with an error that says why. */
  fail: (error: PosthornError) => void
  /** Ends it where the token that it lives on was revoked. */
  endIfRevoked: () => void
  /** Makes a session that is being opened end with an error where it turns out to read the log of this epoch. */
  failWhenOf: (epoch: string, error: PosthornError) => void
}

/** Where sessions are found by their user; `LiveSessions` in the service. */
export interface SessionRegistry {
  /** A session begins. */
  add: (session: LiveSession) => void
  /** It knows its user, and is about to read the log: from here on wakes reach it. */
  joined: (session: LiveSession, user: string) => void
  /** It is over; called once, with its user where it knew it. */
  left: (session: LiveSession, user: string | undefined) => void
}

/** What every session of a service shares. */
export interface SessionContext {
  store: Pick<Store, 'acknowledge' | 'changes'> & {
    openDevice: (command: OpenDevice) => Promise<OpenedDevice>
  }
  marker: Pick<Marker, 'mark'>
  ownTopics: Pick<OwnTopics, 'subscribe' | 'unsubscribe'>
  registry: SessionRegistry
  verify: Verify
  /** Asked once for each session, when its user is known. */
  quotas: Pick<Quotas, 'admit'>
  revocations: Pick<Revocations, 'has'>
  clock: Clock
  stopwatch: Stopwatch
  log: Log
  traffic: ReaderTraffic
  /** Told of those that end, that are not let in, and that are not opened. */
  connections: Pick<ConnectionMetrics, 'closed' | 'refused' | 'handshakeRefused'>
  /** Follows what is sent; undefined where nobody does. */
  tracing?: Pick<Tracing, 'sent'> | undefined
  /** Milliseconds between pings. */
  heartbeatMs: number
  /** Milliseconds that a client may say nothing in; any time where undefined. */
  idleTimeoutMs: number | undefined
  /** Entries that may be sent and not yet acknowledged. */
  maxUnacked: number
  limits: SocketLimits
}
