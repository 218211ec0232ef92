import {
  connect,
  InboxError,
  type FrameEvent,
  type Inbox,
  type Status,
} from '../../client/browser.js'
import { DeviceId, UserId } from '../../protocol/identifiers.js'
import { Arrivals, stateOf } from './arrivals.js'
import { FrameLog } from './frame-log.js'
import { storageOf, type KeptPane, type Side } from './kept.js'
import { Observable } from './observable.js'
import { placeAfter, type Place } from './place.js'
import type { Session } from './session.js'
import { tokenFault, tokenIn } from './token.js'
import type { PaneStatus } from './words.js'

/** What may be done to a notification from a pane. */
export type Command = 'markRead' | 'markUnread' | 'archive'

/** One device of a user on this page: the SDK as an application uses it, and what came by it. */
export class Device extends Observable {
  readonly side: Side
  readonly arrivals = new Arrivals()
  readonly frames = new FrameLog()
  readonly #session: Session
  #user: string
  #name: string
  #token = ''
  #inbox: Inbox | undefined
  #owner: string | undefined
  #place: Place | undefined
  #error: string | undefined
  #replayed = 0
  #wasOpen = false

  constructor(side: Side, session: Session, { user, device }: KeptPane) {
    super()
    this.side = side
    this.#session = session
    this.#user = user
    this.#name = device
  }

  get user(): string {
    return this.#user
  }

  get name(): string {
    return this.#name
  }

  /** The user's token that was pasted, where none is minted. */
  get token(): string {
    return this.#token
  }

  get mints(): boolean {
    return this.#session.mints
  }

  get inbox(): Inbox | undefined {
    return this.#inbox
  }

  /** Whether it is connected, or tries to be. */
  get isOn(): boolean {
    return this.#inbox !== undefined && this.#inbox.status.state !== 'closed'
  }

  /** Whether there is a connection now, on which something can be asked. */
  get isOpen(): boolean {
    return this.#inbox?.status.state === 'open'
  }

  /** Whose the connection is, as the service has said; undefined before it has. */
  get owner(): string | undefined {
    return this.#owner
  }

  get status(): PaneStatus {
    return this.#inbox?.status ?? { state: 'idle' }
  }

  get place(): Place | undefined {
    return this.#place
  }

  /** The last thing that went wrong, while it still matters. */
  get error(): string | undefined {
    return this.#error
  }

  /** How many entries this connection has replayed. */
  get replayed(): number {
    return this.#replayed
  }

  /** What is connected keeps its names. */
  rename(names: { user?: string; name?: string; token?: string }): void {
    if (this.isOn) return
    this.#user = names.user ?? this.#user
    this.#name = names.name ?? this.#name
    this.#token = names.token ?? this.#token
    this.#owner = undefined
    this.changed()
  }

  /** Connects, and stays connected, until `disconnect`. */
  connect(): void {
    if (this.isOn) return
    this.#error = this.#complaint()
    if (this.#error === undefined) this.#open()
    this.changed()
  }

  /** Resolves when the service has heard the goodbye. */
  async disconnect(): Promise<void> {
    await this.#inbox?.close()
  }

  /** Never rejects: what went wrong is shown. */
  async command(command: Command, id: string): Promise<void> {
    try {
      await this.#inbox?.[command](id)
    } catch (error) {
      this.#fail(error)
    }
  }

  #complaint(): string | undefined {
    const device = DeviceId.safeParse(this.#name).error?.issues[0]?.message
    const user = UserId.safeParse(this.#user).error?.issues[0]?.message
    if (!this.mints) {
      const token = tokenIn(this.#token)
      return token === '' ? 'Paste a token of a user first.' : (tokenFault(token) ?? device)
    }
    return user ?? device
  }

  #open(): void {
    const options = {
      url: location.origin,
      device: this.#name,
      storage: storageOf(this.side),
      token: () => (this.mints ? this.#session.userToken(this.#user) : tokenIn(this.#token)),
      // Each pane is a connection of its own, whose frames can be seen, whatever other tabs show.
      share: false,
    }
    const inbox = connect(options)
    this.#inbox = inbox
    inbox.on('frame', (frame) => this.#passed(frame))
    inbox.on('status', (status) => this.#moved(status))
    inbox.on('counts', () => this.changed())
    inbox.on('items', () => this.changed())
    inbox.on('error', (error) => this.#fail(error))
    this.#recordArrivals(inbox)
  }

  #recordArrivals(inbox: Inbox): void {
    const wayOf = (replayed: boolean): 'live' | 'replayed' => {
      if (replayed) this.#replayed++
      return replayed ? 'replayed' : 'live'
    }
    inbox.on('notification', ({ notification, replayed, isNew }) => {
      const { seq } = notification
      const way = wayOf(replayed)
      this.arrivals.add({ kind: 'notification', way, seq, notification, isNew })
    })
    inbox.on('updated', ({ replayed, seq, id, ...state }) => {
      const title = this.arrivals.titleOf(id)
      const way = wayOf(replayed)
      this.arrivals.add({ kind: 'updated', way, seq, id, title, state: stateOf(state) })
    })
    inbox.on('removed', ({ replayed, seq, id, reason }) => {
      const title = this.arrivals.titleOf(id)
      this.arrivals.add({ kind: 'removed', way: wayOf(replayed), seq, id, title, reason })
    })
    inbox.on('gap', (gap) => this.arrivals.add({ kind: 'gap', ...gap }))
    inbox.on('ephemeral', ({ notification }) => {
      this.arrivals.add({ kind: 'ephemeral', notification })
    })
  }

  #passed(frame: FrameEvent): void {
    this.frames.add(frame)
    const before = this.#place
    this.#place = placeAfter(before, frame)
    if (this.#place && this.#place.connection !== before?.connection) {
      const { cursor, latest } = this.#place
      this.#replayed = 0
      this.#line(`connected at ${cursor}; the log is at ${latest}`)
    }
    if (this.#place !== before) this.changed()
  }

  #moved(status: Status): void {
    switch (status.state) {
      case 'connecting':
        break
      case 'open':
        this.#error = undefined
        this.#owner = status.user
        break
      case 'waiting':
        if (this.#wasOpen) this.#line('the connection is gone')
        // Where there is no reason given, the token could not be had, which is told as an error.
        if (status.why) this.#error = endWords(status.why)
        break
      case 'closed': {
        const { by, code, reason } = status.why
        if (by === 'application') this.#error = undefined
        this.#line(by === 'application' ? 'disconnected' : endWords({ code, reason }))
      }
    }
    this.#wasOpen = status.state === 'open'
    this.changed()
  }

  #line(text: string): void {
    this.arrivals.add({ kind: 'connection', text })
  }

  #fail(error: unknown): void {
    this.#error = errorWords(error)
    this.changed()
  }
}

function errorWords(error: unknown): string {
  if (!(error instanceof InboxError)) return String(error)
  const { cause } = error
  // Of a token that can't be had, the reason is what matters.
  return error.code === 'token_failed' && cause instanceof Error
    ? `no token: ${cause.message}`
    : `${error.code}: ${error.message}`
}

function endWords({ code, reason }: { code: number; reason: string }): string {
  return `the connection ended: ${code} ${reason}`.trimEnd()
}
