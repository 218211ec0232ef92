import type { Environment } from './environment.js'
import type { Peer } from './peers.js'
import { SharedMessage, type FromFollower, type FromLeader } from './shared-messages.js'

export interface GroupEvents {
  /** This tab leads. */
  elected: () => void
  /** Another tab has seized the lead. */
  deposed: () => void
  /** A tab that follows has said something to whoever leads. */
  asked: (message: FromFollower) => void
  /** The latest leader that is known has told this tab something. */
  led: (message: FromLeader, isNewLeader: boolean) => void
  /** An earlier leader has. */
  ledBefore: (message: FromLeader) => void
}

/** The tabs of one name, and which lead of theirs is the latest that is known. */
export class Group {
  readonly name: string
  readonly #environment: Environment
  /** This tab, among the others. */
  readonly #member: string
  readonly #events: GroupEvents
  readonly #peer: Peer | undefined
  #term = 0

  /** No event comes before it returns. */
  constructor(environment: Environment, name: string, member: string, events: GroupEvents) {
    this.name = name
    this.#environment = environment
    this.#member = member
    this.#events = events
    this.#peer = environment.peers?.join(name, {
      elected: events.elected,
      deposed: events.deposed,
      heard: (message) => this.#hear(message),
    })
  }

  /** False where this tab may tell nothing to others. */
  get isJoined(): boolean {
    return this.#peer !== undefined
  }

  /** Begins a lead of this tab's, and gives its term. */
  lead(): number {
    // By the clock that all tabs have; parts of a millisecond tell two apart that are elected within one.
    this.#term = Math.max(this.#environment.now(), this.#term + 1) + this.#environment.random()
    return this.#term
  }

  tell(message: FromLeader | FromFollower): void {
    this.#peer?.tell(message)
  }

  /** Takes the lead from a tab that doesn't answer. */
  seize(): void {
    this.#peer?.seize()
  }

  /** No event comes any more. */
  leave(): void {
    this.#peer?.leave()
  }

  #hear(message: unknown): void {
    const { data } = SharedMessage.safeParse(message)
    if (!data) return
    switch (data.kind) {
      case 'ask':
      case 'command':
      case 'wake':
        return this.#events.asked(data)
      case 'waiting':
      case 'connected':
      case 'frame':
      case 'here':
      case 'closed':
        return this.#hearLeader(data)
    }
  }

  #hearLeader(message: FromLeader): void {
    if (message.term < this.#term) return this.#events.ledBefore(message)
    if ('to' in message && message.to !== undefined && message.to !== this.#member) return
    const isNewLeader = message.term > this.#term
    this.#term = message.term
    this.#events.led(message, isNewLeader)
  }
}
