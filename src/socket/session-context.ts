import type { Verify } from '../auth/verify.js'
import type { Clock, Stopwatch } from '../inbox/clock.js'
import type { Marker } from '../inbox/marker.js'
import type { OwnTopics } from '../inbox/own-topics.js'
import type { Store } from '../inbox/store.js'
import type { Log } from '../telemetry/log.js'
import type { SocketLimits } from './limits.js'
import type { LiveMove } from './log-reader.js'

/** A session as those see it who reach all sessions at once. */
export interface LiveSession {
  /** Opaque name of its connection. */
  readonly id: string
  /** The log of its user has moved. */
  wake: (move: LiveMove) => void
  /** Time has passed. */
  tick: () => void
  /** Ends it from this side. */
  close: (code: number, reason: string) => void
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
  store: Pick<Store, 'openDevice' | 'acknowledge' | 'changes'>
  marker: Pick<Marker, 'mark'>
  ownTopics: Pick<OwnTopics, 'subscribe' | 'unsubscribe'>
  registry: SessionRegistry
  verify: Verify
  clock: Clock
  stopwatch: Stopwatch
  log: Log
  /** Milliseconds between pings. */
  heartbeatMs: number
  /** Entries that may be sent and not yet acknowledged. */
  maxUnacked: number
  limits: SocketLimits
}
