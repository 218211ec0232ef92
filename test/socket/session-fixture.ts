import { PosthornError } from '../../src/protocol/errors.js'
import type { SocketRequest } from '../../src/protocol/socket-query.js'
import { SOCKET_LIMITS } from '../../src/socket/limits.js'
import type { Credential } from '../../src/socket/credential.js'
import { Session } from '../../src/socket/session.js'
import type { SessionContext } from '../../src/socket/session-context.js'
import { createLog } from '../../src/telemetry/log.js'
import { Traffic } from '../../src/telemetry/traffic.js'
import { FakeSocket } from './fake-socket.js'
import { MemoryLog, settled } from './memory-log.js'
import { noIdentity } from '../nothing-revoked.js'

export const NOW = Date.UTC(2026, 10, 22, 10)

export interface Fixture {
  session: Session
  socket: FakeSocket
  log: MemoryLog
  /** Moves the clock and lets the session look at it, as the timer of all sessions does. */
  tick: (milliseconds: number) => void
  /** Appends an entry and wakes the session with it, as a commit does. */
  arrive: (title?: string) => number
  /** Marks the entry at a `seq` as read, or unread, and wakes the session with it, as a commit does. */
  mark: (from: number) => number
  left: () => number
}

export interface FixtureOptions {
  credential?: Credential
  request?: Partial<SocketRequest>
  log?: MemoryLog
  /** What stands between the session and the log; the log itself where it is not given. */
  store?: SessionContext['store']
  /** What marks are asked of; none is expected where it is not given. */
  marker?: SessionContext['marker']
  /** What subscriptions are asked of; none is expected where it is not given. */
  ownTopics?: SessionContext['ownTopics']
  /** Patterns of the topics that the token allows; that of the token `sport` allows `sport` alone. */
  topics?: string[]
  maxUnacked?: number
  idleTimeoutMs?: number
  /** Milliseconds until the tokens expire. */
  tokenMs?: number
  /** Whether all tokens are revoked. */
  isRevoked?: () => boolean
  /** Where the session is found by its user; nowhere where it is not given. */
  registry?: SessionContext['registry']
  /** The token `late` of alice is looked up when this resolves; it expires with those that came when it came. */
  late?: Promise<unknown>
}

const NO_MARKER: SessionContext['marker'] = {
  mark: () => Promise.reject(new Error('nobody was to mark anything')),
}

const NO_TOPICS: SessionContext['ownTopics'] = {
  subscribe: () => Promise.reject(new Error('nobody was to subscribe')),
  unsubscribe: () => Promise.reject(new Error('nobody was to unsubscribe')),
}

/** A session on a socket in memory, over a log in memory, with a clock that only the test moves. */
export async function openSession(options: FixtureOptions = {}): Promise<Fixture> {
  const { log = new MemoryLog(), maxUnacked = 512, tokenMs = 3_600_000, request = {} } = options
  const { store = log.store, marker = NO_MARKER, ownTopics = NO_TOPICS, topics = [] } = options
  let now = NOW
  let left = 0
  const principal = {
    kind: 'user' as const,
    issuer: '',
    user: 'alice',
    device: undefined,
    topics,
    expiresAt: NOW + tokenMs,
    identity: noIdentity,
  }
  const context: SessionContext = {
    store,
    marker,
    ownTopics,
    verify: (token) => {
      const expiresAt = now + tokenMs
      if (token === 'alice') return Promise.resolve({ ...principal, expiresAt })
      if (token === 'bob') return Promise.resolve({ ...principal, user: 'bob', expiresAt })
      if (token === 'late')
        return Promise.resolve(options.late).then(() => ({ ...principal, expiresAt }))
      if (token === 'sport') return Promise.resolve({ ...principal, topics: ['sport'], expiresAt })
      if (token === 'tablet') return Promise.resolve({ ...principal, device: 'tablet', expiresAt })
      return Promise.reject(new PosthornError('invalid_token', 'No.'))
    },
    quotas: { admit: () => Promise.resolve() },
    revocations: { has: () => options.isRevoked?.() ?? false },
    clock: () => now,
    stopwatch: () => now - NOW,
    log: createLog({ level: 'silent', readable: false }),
    traffic: new Traffic(),
    connections: {
      closed: () => undefined,
      refused: () => undefined,
      handshakeRefused: () => undefined,
    },
    heartbeatMs: 25_000,
    idleTimeoutMs: options.idleTimeoutMs,
    maxUnacked,
    limits: SOCKET_LIMITS,
    registry: options.registry ?? {
      add: () => undefined,
      joined: () => undefined,
      left: () => left++,
    },
  }
  const socket = new FakeSocket()
  const session = new Session(context, socket, {
    id: 'a-connection',
    address: undefined,
    request: {
      device: 'phone',
      start: { kind: 'stored' },
      batch: false,
      token: undefined,
      ...request,
    },
    credential: options.credential ?? { kind: 'principal', principal },
  })
  await settled()
  return {
    session,
    socket,
    log,
    tick: (milliseconds) => {
      now += milliseconds
      session.tick()
    },
    arrive: (title) => {
      const seq = log.append(title)
      session.wake(log.wakeOf(seq))
      return seq
    },
    mark: (from) => {
      const seq = log.move(from)
      session.wake(log.wakeOf(seq))
      return seq
    },
    left: () => left,
  }
}
