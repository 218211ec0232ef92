import { isOfToken } from './closes.js'
import type { Turn, UnopenedStatus } from './connector.js'
import type { Frame, FrameOf } from './frames.js'
import type { Link } from './link.js'
import type { FromFollower, FromLeader } from './shared-messages.js'
import { Relay } from './shared-relay.js'

export interface LeaderOptions {
  /** Which lead this is. */
  term: number
  /** Of what its own connector is told, once. */
  turn: Turn
  status: UnopenedStatus
  /** Up to where the application has handled the log. */
  handled: () => number
  /** Whether there is no connection for want of a token that the service takes. */
  needsToken: () => boolean
  /** To look at the connection at once. */
  look: () => void
  tell: (message: FromLeader) => void
}

/** The tab that has the connection: it tells the others what it hears, and takes their commands. */
export class Leader {
  readonly kind = 'leading'
  readonly #options: LeaderOptions
  #turn: Turn
  #status: UnopenedStatus
  /** While the connection is open. */
  #open: { relay: Relay; link: Pick<Link, 'send'> } | undefined

  /** Tells the others that it leads. */
  constructor(options: LeaderOptions) {
    this.#options = options
    this.#turn = options.turn
    this.#status = options.status
    this.#tellStatus()
  }

  get isConnected(): boolean {
    return this.#open !== undefined
  }

  /** What has come of its own connector's wait. */
  takeTurn(): Turn {
    const turn = this.#turn
    this.#turn = { isStale: false, failures: undefined }
    return turn
  }

  /** Comes after the application has heard of it. */
  welcomed(welcome: FrameOf<'welcome'>, link: Pick<Link, 'send'>): void {
    const relay = new Relay(welcome, this.#options.handled)
    this.#open = { relay, link }
    this.#tellConnected(relay)
  }

  /** Comes before the application hears of it. */
  frame(frame: Frame): void {
    if (!this.#open?.relay.hear(frame)) return
    const { connection } = this.#open.relay
    this.#options.tell({ kind: 'frame', term: this.#options.term, connection, frame })
  }

  told(status: UnopenedStatus): void {
    this.#open = undefined
    this.#status = status
    this.#tellStatus()
  }

  hear(message: FromFollower): void {
    const { tell, term, look } = this.#options
    switch (message.kind) {
      case 'ask':
        if (!this.#open) return this.#tellStatus(message.from)
        if (this.#open.relay.connection === message.connection) return tell({ kind: 'here', term })
        return this.#tellConnected(this.#open.relay, message.from)
      case 'command': {
        const { connection, command, id } = message
        // These are the leader's own.
        if (command.type === 'ack' || command.type === 'authenticate') return
        if (this.#open?.relay.connection === connection) this.#open.link.send({ ...command, id })
        return
      }
      case 'wake':
        return look()
    }
  }

  #tellConnected(relay: Relay, to?: string): void {
    const { tell, term } = this.#options
    tell({ kind: 'connected', term, to, connection: relay.connection, frames: relay.frames() })
  }

  #tellStatus(to?: string): void {
    const { tell, term } = this.#options
    const status = this.#status
    if (status.state !== 'closed') {
      return tell({ kind: 'waiting', term, to, status, needsToken: this.#options.needsToken() })
    }
    const { by, code, reason } = status.why
    // The next to lead has a token of its own, of which the service has said nothing yet.
    if (by === 'service' && !isOfToken(reason)) tell({ kind: 'closed', term, code, reason })
  }
}
