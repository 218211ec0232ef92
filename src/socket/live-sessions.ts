import type { Clock, Stopwatch } from '../inbox/clock.js'
import type {
  LiveConnection,
  LiveEnd,
  LiveObserver,
  LiveSelection,
  LiveTarget,
  LocalConnections,
  UsersConnection,
} from '../inbox/live.js'
import type { Store } from '../inbox/store.js'
import type { LogMove, Wake } from '../inbox/wake.js'
import { ephemeralFrame } from '../protocol/down/ephemeral.js'
import { PosthornError } from '../protocol/errors.js'
import type { Census } from '../telemetry/connection-metrics.js'
import type { Log } from '../telemetry/log.js'
import { drain } from './drain.js'
import { Looks } from './looks.js'
import { toLiveMove } from './live-move.js'
import type { LiveSession, SessionRegistry } from './session-context.js'
import { Walk } from './walk.js'

/** In so many parts all sessions are told that time has passed. */
const TICK_PARTS = 10

export interface LiveSessionsOptions {
  wake: Wake
  store: Pick<Store, 'latest' | 'seeDevice'>
  clock: Clock
  stopwatch: Stopwatch
  log: Log
  /** Connections that one user may have; of more, the one that is silent longest goes. */
  maxConnectionsPerUser: number
  heartbeatMs: number
  lookMs: number
  drainSliceMs: number
  /** Told of sessions that join and leave. Default: nobody. */
  observers?: readonly LiveObserver[]
}

interface Joined {
  session: LiveSession
  user: string
  /** By the stopwatch. */
  joinedAt: number
}

/**
 * The sessions of this process, and what reaches them together: wakes by their user, what is sent to sockets alone, and time,
 * by one timer for all of them. Owns that timer and the subscription to the wake; `close` ends both and every session.
 */
export class LiveSessions implements SessionRegistry, LocalConnections {
  readonly #options: LiveSessionsOptions
  readonly #all = new Set<LiveSession>()
  readonly #walk = new Walk(this.#all)
  readonly #byUser = new Map<string, Set<LiveSession>>()
  /** Whose session it is, by the name of the connection; only where the user is known. */
  readonly #byName = new Map<string, Joined>()
  readonly #timer: NodeJS.Timeout
  readonly #looks: Looks
  readonly #unsubscribe: () => void
  #missedWakes = 0

  constructor(options: LiveSessionsOptions) {
    this.#options = options
    const { wake, store, stopwatch, log, lookMs } = options
    const users = (): Iterable<string> => this.#byUser.keys()
    const tell = (move: LogMove): void => this.#wake(move)
    const find = (move: LogMove): void => this.#found(move)
    this.#looks = new Looks({ store, users, wake: find, stopwatch, log, lookMs })
    this.#unsubscribe = wake.subscribe(tell, (isMeant) => this.#looks.lookFor(isMeant))
    // Often enough that a short heartbeat keeps its time, seldom enough that ten thousand sessions cost little.
    const tickMs = Math.min(500, Math.ceil(options.heartbeatMs / 4))
    this.#timer = setInterval(() => this.#tick(), tickMs / TICK_PARTS)
  }

  /** Sessions that live, whether they know their user or not. */
  get size(): number {
    return this.#all.size
  }

  /** Logs that a look at the store found moved, of which no wake had told. */
  get missedWakes(): number {
    return this.#missedWakes
  }

  /** What they do now. */
  census(): Census {
    const census = { connections: this.#all.size, replaying: 0, windowFull: 0 }
    for (const { isReplaying, isWindowFull } of this.#all) {
      if (isReplaying) census.replaying += 1
      if (isWindowFull) census.windowFull += 1
    }
    return census
  }

  add(session: LiveSession): void {
    this.#all.add(session)
  }

  joined(session: LiveSession, user: string): void {
    const sessions = this.#byUser.get(user)
    if (sessions) {
      sessions.add(session)
    } else {
      this.#byUser.set(user, new Set([session]))
      this.#options.wake.follow(user)
    }
    this.#byName.set(session.id, { session, user, joinedAt: this.#options.stopwatch() })
    for (const observer of this.#options.observers ?? []) observer.joined(session.id, user)
    this.#makeRoom(session, user)
  }

  left(session: LiveSession, user: string | undefined): void {
    this.#all.delete(session)
    if (user === undefined) return
    const sessions = this.#byUser.get(user)
    sessions?.delete(session)
    if (sessions?.size === 0) {
      this.#byUser.delete(user)
      this.#options.wake.unfollow(user)
    }
    this.#byName.delete(session.id)
    for (const observer of this.#options.observers ?? []) observer.left(session.id, user)
    this.#noteSeen(session, user)
  }

  deliver(target: LiveTarget, contentJson: string): Promise<void> {
    const frame = ephemeralFrame(contentJson)
    for (const session of this.#meantBy(target)) {
      this.#guarded(session, 'ephemeral', () => session.deliver(frame))
    }
    return Promise.resolve()
  }

  users(): Promise<string[]> {
    const users = [...this.#byUser].filter(([, sessions]) => openOf(sessions).length > 0)
    return Promise.resolve(users.map(([user]) => user))
  }

  userOf(connection: string): Promise<string | undefined> {
    const found = this.#byName.get(connection)
    return Promise.resolve(found?.session.isOpen ? found.user : undefined)
  }

  connections(user: string): Promise<LiveConnection[]> {
    const open = openOf(this.#byUser.get(user) ?? [])
    return Promise.resolve(open.flatMap((session) => this.#told(session)))
  }

  newest(limit: number): Promise<{ connections: UsersConnection[]; total: number }> {
    const open = [...this.#byName.values()].filter(({ session }) => session.isOpen)
    const connections = open
      .slice(-limit)
      .toReversed()
      .flatMap(({ session, user }) => this.#told(session).map((told) => ({ ...told, user })))
    return Promise.resolve({ connections, total: open.length })
  }

  find(connection: string): UsersConnection | undefined {
    const found = this.#byName.get(connection)
    if (!found?.session.isOpen) return undefined
    const [told] = this.#told(found.session)
    return told && { ...told, user: found.user }
  }

  names(): Iterable<string> {
    return this.#byName.keys()
  }

  end(
    { user, device, connection, epoch, joinedMsAgo }: LiveSelection,
    why: LiveEnd,
  ): Promise<number> {
    const joinedBy = this.#options.stopwatch() - (joinedMsAgo ?? 0)
    const chosen = [...(this.#byUser.get(user) ?? [])].filter(
      (session) =>
        (device === undefined || session.device === device) &&
        (connection === undefined || session.id === connection) &&
        (epoch === undefined || session.epoch === undefined || session.epoch === epoch) &&
        (this.#byName.get(session.id)?.joinedAt ?? 0) <= joinedBy,
    )
    for (const session of chosen) {
      if (why.kind === 'reconnect') {
        session.close(1012, 'reconnect')
        continue
      }
      const error = new PosthornError(why.code, why.detail)
      // What is just being opened may read the log of the next life.
      if (epoch !== undefined && session.epoch === undefined) session.failWhenOf(epoch, error)
      else session.fail(error)
    }
    return Promise.resolve(chosen.length)
  }

  endRevoked(user: string | undefined): Promise<void> {
    // One that does not know its user yet looks by itself when it does.
    const meant = user === undefined ? this.#all : (this.#byUser.get(user) ?? [])
    for (const session of meant) this.#guarded(session, 'revocation', () => session.endIfRevoked())
    return Promise.resolve()
  }

  /** Sends every session away, over at most about so many milliseconds, to come back when each is told. */
  drain(withinMs: number): Promise<void> {
    const guarded = (session: LiveSession, act: () => void): void =>
      this.#guarded(session, 'drain', act)
    return drain([...this.#all], { withinMs, sliceMs: this.#options.drainSliceMs, guarded })
  }

  /** Ends every session and takes no more wakes; idempotent. */
  close(code: number, reason: string): void {
    clearInterval(this.#timer)
    this.#looks.stop()
    this.#unsubscribe()
    for (const session of this.#all)
      this.#guarded(session, 'close', () => session.close(code, reason))
  }

  /** What others are told of an open session: nothing where it has no device, which each has. */
  #told(session: LiveSession): LiveConnection[] {
    const { clock, stopwatch } = this.#options
    const { id: connection, device, connectedAt } = session
    if (device === undefined) return []
    const silentMs = Math.floor(stopwatch() - session.heardAt)
    const heardAt = Math.max(connectedAt, clock() - silentMs)
    return [{ connection, device, connectedAt, heardAt }]
  }

  /** A look at the store found a log here: mostly where its sessions know it to be. */
  #found(move: LogMove): void {
    const sessions = [...(this.#byUser.get(move.user) ?? [])]
    if (sessions.some(({ latest }) => latest !== undefined && latest < move.seq)) {
      this.#missedWakes += 1
    }
    this.#wake(move)
  }

  #wake(move: LogMove): void {
    const sessions = this.#byUser.get(move.user)
    if (!sessions) return
    const live = toLiveMove(move)
    for (const session of sessions) this.#guarded(session, 'wake', () => session.wake(live))
  }

  /** What fails for one session must not keep it from the others, nor its sender from its answer. */
  #guarded(session: LiveSession, what: string, act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.log.error({ connection: session.id, err: error }, `${what} failed`)
      session.close(1011, 'internal')
    }
  }

  #meantBy(target: LiveTarget): LiveSession[] {
    switch (target.kind) {
      case 'users':
        return target.users.flatMap((user) => [...(this.#byUser.get(user) ?? [])])
      case 'device':
        return [...(this.#byUser.get(target.user) ?? [])].filter(
          ({ device }) => device === target.device,
        )
      case 'connection': {
        const found = this.#byName.get(target.connection)
        return found ? [found.session] : []
      }
      case 'everyone':
        return [...this.#all]
    }
  }

  /** Of those whose user has too many, one of the same device goes first, and the one that is silent longest. */
  #makeRoom(newest: LiveSession, user: string): void {
    const sessions = [...(this.#byUser.get(user) ?? [])]
    const surplus = sessions.length - this.#options.maxConnectionsPerUser
    if (surplus <= 0) return
    const isOther = (session: LiveSession): number => Number(session.device !== newest.device)
    const leaving = sessions
      .filter((session) => session !== newest)
      .toSorted((a, b) => isOther(a) - isOther(b) || a.heardAt - b.heardAt)
      .slice(0, surplus)
    for (const session of leaving) {
      session.fail(new PosthornError('too_many_connections', 'Another connection took its place.'))
    }
  }

  /** A device was there until its connection ended; where that is not noted, it was seen when it last acknowledged. */
  #noteSeen({ device, epoch }: LiveSession, user: string): void {
    const { store, clock, log } = this.#options
    if (device === undefined || epoch === undefined) return
    store.seeDevice({ user, device, epoch, at: clock() }).catch((error: unknown) => {
      log.debug({ err: error }, 'that a device was seen is not noted')
    })
  }

  #tick(): void {
    for (const session of this.#walk.part(TICK_PARTS)) session.tick()
    this.#looks.tick()
  }
}

function openOf(sessions: Iterable<LiveSession>): LiveSession[] {
  return [...sessions].filter(({ isOpen }) => isOpen)
}
