import type { Stopwatch } from '../inbox/clock.js'
import type { Store } from '../inbox/store.js'
import type { Arrived, LogMove, Moved, Removed, Wake } from '../inbox/wake.js'
import { notificationFrame } from '../protocol/down/notification.js'
import { removedFrame } from '../protocol/down/removed.js'
import { updatedFrame } from '../protocol/down/updated.js'
import type { Log } from '../telemetry/log.js'
import type { LiveMove } from './log-reader.js'
import type { LiveSession, SessionRegistry } from './session-context.js'

/** Users that one look at the store asks for. */
const LOOK_USERS = 1_000

export interface LiveSessionsOptions {
  wake: Wake
  store: Pick<Store, 'latest'>
  stopwatch: Stopwatch
  log: Log
  heartbeatMs: number
  lookMs: number
}

/**
 * The sessions of this process, and what reaches them together: wakes by their user, and time, by one timer for all of
 * them. Owns that timer and the subscription to the wake; `close` ends both and every session.
 */
export class LiveSessions implements SessionRegistry {
  readonly #options: LiveSessionsOptions
  readonly #all = new Set<LiveSession>()
  readonly #byUser = new Map<string, Set<LiveSession>>()
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void
  #nextLook: number

  constructor(options: LiveSessionsOptions) {
    this.#options = options
    this.#nextLook = options.stopwatch() + options.lookMs
    this.#unsubscribe = options.wake.subscribe((move) => this.#wake(move))
    // Often enough that a short heartbeat keeps its time, seldom enough that ten thousand sessions cost little.
    const tickMs = Math.min(500, Math.ceil(options.heartbeatMs / 4))
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  /** Sessions that live, whether they know their user or not. */
  get size(): number {
    return this.#all.size
  }

  /** Users who have a session. */
  get users(): number {
    return this.#byUser.size
  }

  add(session: LiveSession): void {
    this.#all.add(session)
  }

  joined(session: LiveSession, user: string): void {
    const sessions = this.#byUser.get(user)
    if (sessions) sessions.add(session)
    else this.#byUser.set(user, new Set([session]))
  }

  left(session: LiveSession, user: string | undefined): void {
    this.#all.delete(session)
    if (user === undefined) return
    const sessions = this.#byUser.get(user)
    sessions?.delete(session)
    if (sessions?.size === 0) this.#byUser.delete(user)
  }

  /** Ends every session and takes no more wakes; idempotent. */
  close(code: number, reason: string): void {
    clearInterval(this.#timer)
    this.#unsubscribe()
    for (const session of this.#all) session.close(code, reason)
  }

  #wake(move: LogMove): void {
    const sessions = this.#byUser.get(move.user)
    if (!sessions) return
    const live = toLiveMove(move)
    for (const session of sessions) {
      try {
        session.wake(live)
      } catch (error) {
        // What fails for one session must not keep the wake from the others, nor its sender from its answer.
        this.#options.log.error({ connection: session.id, err: error }, 'wake failed')
        session.close(1011, 'internal')
      }
    }
  }

  #tick(): void {
    for (const session of this.#all) session.tick()
    const now = this.#options.stopwatch()
    if (now < this.#nextLook) return
    this.#nextLook = now + this.#options.lookMs
    this.#look().catch((error: unknown) => {
      this.#options.log.error({ err: error }, 'look at the store failed')
    })
  }

  /** Wakes may be lost; what they would have told is in the store. */
  async #look(): Promise<void> {
    const users = [...this.#byUser.keys()]
    for (let from = 0; from < users.length; from += LOOK_USERS) {
      const found = await this.#options.store.latest(users.slice(from, from + LOOK_USERS))
      for (const [user, seq] of found) this.#wake({ user, seq, change: undefined })
    }
  }
}

/** The frame of a change is written once, by the first session that sends it, for all of them. */
function toLiveMove(move: LogMove): LiveMove {
  const { change, seq } = move
  if (!change || change.kind === 'counts') return { ...move, frame: undefined }
  let frame: string | undefined
  return { ...move, frame: () => (frame ??= frameOf(change, seq)) }
}

function frameOf(change: Arrived | Moved | Removed, seq: number): string {
  switch (change.kind) {
    case 'arrived': {
      const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
      return notificationFrame(state, change.contentJson, change)
    }
    case 'moved':
      return updatedFrame(change.state, change.id, change)
    case 'removed':
      return removedFrame({ seq, ...change }, change)
  }
}
