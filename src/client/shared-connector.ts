import { Connector, type ConnectorOptions, type Turn, type UnopenedStatus } from './connector.js'
import type { Frame, FrameOf } from './frames.js'
import type { Link } from './link.js'
import { Follower } from './shared-follower.js'
import { Group } from './shared-group.js'
import { Leader } from './shared-leader.js'
import type { FromLeader } from './shared-messages.js'

export interface SharedConnectorOptions extends Omit<ConnectorOptions, 'turn'> {
  /** Who shares a connection with the owner of this token, as a name; undefined where nobody may. */
  group: (token: string) => Promise<string | undefined>
  /** Makes ready to hear of a connection that is another tab's. */
  prepare: (token: string) => Promise<void>
  /** Up to where the application has handled the log. */
  handled: () => number
}

/** `apart`: it shares with nobody, or not yet. */
type Role = { kind: 'apart' } | Follower | Leader

/**
 * A connection that several tabs of one user on one device share. One leads: it has the socket, hands what comes to its own application
 * as if it were alone, and tells the others. They hand the same to theirs, each at its own pace; the leader alone acknowledges,
 * what its own application has handled, and keeps the position.
 *
 *     apart ──► following ──► leading          by election, or by seizing it from a leader that is silent
 *                   ▲            │
 *                   └────────────┘             deposed, or somebody leads who was elected later
 *
 * Nothing is lost, whichever tab ends at whichever moment, since of every tab it is true that
 * 1. what it has been told begins at a position below which leaders' applications have handled everything (the leader's own at
 *    that time, or the stored one), and has no holes from there on: the leader tells all it hears, before it hands it over;
 * 2. so all up to where its own application has handled the log has been handled by some tab, and from there it connects when it leads.
 * What a leader acknowledges and stores is a position of that kind. Where a tab's start lies beyond what another has been told, that one
 * lists the inbox, and its application does not hear of what was handled elsewhere.
 */
export class SharedConnector {
  readonly #options: SharedConnectorOptions
  readonly #connector: Connector
  /** Among the tabs. */
  readonly #name: string
  #group: Group | undefined
  #role: Role = { kind: 'apart' }
  /** How often this one has asked for its turn: the last alone counts. */
  #turns = 0
  /** Ends this one's wait for its turn. */
  #take: ((turn: Turn) => void) | undefined
  #status: UnopenedStatus | undefined
  #closed = false
  readonly #stopWaking: () => void

  constructor(options: SharedConnectorOptions) {
    this.#options = options
    const { environment } = options
    this.#name = environment.randomName()
    const { peers } = environment
    this.#connector = new Connector({
      ...options,
      turn: peers && ((token) => this.#turn(token)),
      welcomed: (welcome, link) => this.#welcomed(welcome, link),
      frame: (frame) => this.#frame(frame),
      status: (status) => this.#told(status),
    })
    this.#stopWaking = peers ? environment.onWake(() => this.#woken()) : () => undefined
  }

  start(): void {
    this.#connector.start()
  }

  /** Whether the connection is this tab's own. */
  get isOwn(): boolean {
    return this.#role.kind !== 'following'
  }

  /** A token to ask the service with; the connection's, where that is this tab's own. */
  token(): string | undefined | Promise<string> {
    const { tokens } = this.#options
    if (this.isOwn || !tokens.isStale) return tokens.latest
    return this.#freshToken()
  }

  /** Ends it for good; resolves when the socket is closed, and another tab may lead. */
  async close(): Promise<void> {
    await this.#connector.close()
    this.#leave()
  }

  /** For one that follows; rejects where this tab has another user's by now, and leaves for that user's group. */
  async #freshToken(): Promise<string> {
    const { group, tokens } = this.#options
    const token = await tokens.ask()
    const name = await group(token)
    if (name === this.#group?.name || this.isOwn) return token
    this.#connector.stepDown(token)
    throw new Error('the token is of another user than the connection')
  }

  // What the connector of this tab asks and tells.

  async #turn(token: string): Promise<Turn> {
    const { group, prepare } = this.#options
    const asked = ++this.#turns
    const isOver = (): boolean => this.#closed || asked !== this.#turns
    const name = await group(token)
    if (isOver()) return STILL
    if (name === undefined) {
      this.#leave()
      return STILL
    }
    if (name !== this.#group?.name) {
      this.#leave()
      await prepare(token)
      if (isOver()) return STILL
      if (!this.#join(name)) return STILL
    }
    if (this.#role.kind === 'leading') return this.#role.takeTurn()
    return new Promise((resolve) => (this.#take = resolve))
  }

  #welcomed(welcome: FrameOf<'welcome'>, link: Pick<Link, 'send'>): void {
    this.#status = undefined
    this.#options.welcomed(welcome, link)
    if (this.#role.kind === 'leading') this.#role.welcomed(welcome, link)
  }

  #frame(frame: Frame): void {
    if (this.#role.kind === 'leading') this.#role.frame(frame)
    this.#options.frame(frame)
  }

  #told(status: UnopenedStatus): void {
    if (this.#role.kind === 'leading') this.#role.told(status)
    if (status.state === 'closed') {
      this.#closed = true
      this.#stopWaking()
      // One that closes by itself still has its goodbye to say, before another connects.
      if (status.why.by === 'service') this.#leave()
    }
    this.#show(status)
  }

  // What the other tabs bring.

  /** False where this tab may tell nothing to others. */
  #join(name: string): boolean {
    const group = new Group(this.#options.environment, name, this.#name, {
      elected: () => this.#elected(),
      deposed: () => this.#deposed(),
      asked: (message) => {
        if (this.#role.kind === 'leading') this.#role.hear(message)
      },
      led: (message, isNewLeader) => this.#led(message, isNewLeader),
      ledBefore: (message) => this.#ledBefore(message),
    })
    if (!group.isJoined) return false
    this.#group = group
    this.#follow()
    return true
  }

  #leave(): void {
    if (this.#role.kind === 'following') this.#role.stop()
    this.#role = { kind: 'apart' }
    this.#group?.leave()
    this.#group = undefined
  }

  #follow(): void {
    const { environment, disconnected, frame: hear, welcomed } = this.#options
    this.#role = new Follower({
      environment,
      name: this.#name,
      tell: (message) => this.#group?.tell(message),
      seize: () => this.#group?.seize(),
      askToken: () => this.#freshToken(),
      welcomed: (welcome, link) => {
        this.#status = undefined
        welcomed(welcome, link)
      },
      frame: (frame) => {
        this.#connector.note(frame)
        hear(frame)
      },
      disconnected,
      status: (status) => this.#show(status),
      end: (code, reason) => this.#connector.end(code, reason),
    })
  }

  #elected(): void {
    if (this.#role.kind !== 'following' || !this.#group) return
    const { failures } = this.#role
    const { handled, tokens } = this.#options
    this.#role.stop()
    const attempt = (failures ?? this.#connector.failures) + 1
    const status: UnopenedStatus = { state: 'connecting', attempt }
    const leader = new Leader({
      term: this.#group.lead(),
      turn: { isStale: tokens.isStale, failures },
      status,
      handled,
      needsToken: () => this.#connector.needsToken,
      look: () => this.#connector.look(),
      tell: (message) => this.#group?.tell(message),
    })
    this.#role = leader
    this.#show(status)
    const take = this.#take
    this.#take = undefined
    take?.(leader.takeTurn())
  }

  #deposed(): void {
    if (this.#role.kind !== 'leading' || this.#closed) return
    this.#follow()
    // It had one when it joined.
    this.#connector.stepDown(this.#options.tokens.latest ?? '')
  }

  #led(message: FromLeader, isNewLeader: boolean): void {
    // A lead that was seized from this one, which has not heard so yet.
    if (this.#role.kind === 'leading') this.#deposed()
    if (this.#role.kind === 'following') this.#role.hear(message, isNewLeader)
  }

  /** The last word of the leader before, where the turn came sooner: the service would say the same to this one. */
  #ledBefore(message: FromLeader): void {
    const isBefore = this.#role.kind === 'leading' && !this.#role.isConnected
    if (message.kind === 'closed' && isBefore) this.#connector.end(message.code, message.reason)
  }

  #woken(): void {
    if (this.#role.kind === 'following') this.#role.woken()
  }

  /** Tells the application, unless it knows. */
  #show(status: UnopenedStatus): void {
    const known = this.#status
    if (status.state === 'connecting' && known?.state === 'connecting') {
      if (status.attempt === known.attempt) return
    }
    this.#status = status
    this.#options.status(status)
  }
}

const STILL: Turn = { isStale: false, failures: undefined }
