import { PosthornError } from '../protocol/errors.js'
import type { SocketLimits } from './limits.js'
import type { LiveSession, SessionRegistry } from './session-context.js'

export type UnauthenticatedLimits = Pick<
  SocketLimits,
  'maxUnauthenticated' | 'maxUnauthenticatedPerAddress'
>

/** So many times as many go on while their tokens are looked at: many sign in at once from one place, after a restart say. */
const VERIFYING_FACTOR = 10

/**
 * Stands before the registry of all sessions and keeps those few whose user is not known yet. Of too many the oldest that has brought no
 * token goes, not the one that came last: whoever means to sign in does so within a moment, and those who only hold a place are
 * the oldest before long.
 */
export class Unauthenticated implements SessionRegistry {
  readonly #registry: SessionRegistry
  readonly #limits: UnauthenticatedLimits
  /** In the order in which they came. */
  readonly #all = new Set<LiveSession>()
  readonly #byAddress = new Map<string, Set<LiveSession>>()

  constructor(registry: SessionRegistry, limits: UnauthenticatedLimits) {
    this.#registry = registry
    this.#limits = limits
  }

  add(session: LiveSession): void {
    this.#registry.add(session)
    const { address } = session
    this.#all.add(session)
    endOldest(this.#all, this.#limits.maxUnauthenticated)
    if (address === undefined) return
    const neighbours = this.#byAddress.get(address) ?? new Set()
    this.#byAddress.set(address, neighbours.add(session))
    endOldest(neighbours, this.#limits.maxUnauthenticatedPerAddress)
  }

  joined(session: LiveSession, user: string): void {
    this.#forget(session)
    this.#registry.joined(session, user)
  }

  left(session: LiveSession, user: string | undefined): void {
    this.#forget(session)
    this.#registry.left(session, user)
  }

  #forget(session: LiveSession): void {
    if (!this.#all.delete(session) || session.address === undefined) return
    const neighbours = this.#byAddress.get(session.address)
    neighbours?.delete(session)
    if (neighbours?.size === 0) this.#byAddress.delete(session.address)
  }
}

function endOldest(sessions: ReadonlySet<LiveSession>, most: number): void {
  if (sessions.size <= most) return
  const idlers = [...sessions].filter(({ hasToken }) => !hasToken)
  const [oldest] = idlers.length > most ? idlers : sessions
  if (idlers.length <= most && sessions.size <= most * VERIFYING_FACTOR) return
  oldest?.fail(new PosthornError('overloaded', 'Too many connections are not authenticated yet.'))
}
