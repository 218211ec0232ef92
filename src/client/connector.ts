import { SUBPROTOCOL } from '../protocol/version.js'
import { backoffMs } from './backoff.js'
import { afterClose } from './closes.js'
import type { Environment, SocketRequest } from './environment.js'
import { InboxError } from './errors.js'
import type { FrameEvent } from './events.js'
import type { Frame, FrameOf } from './frames.js'
import { Link, type LinkEnd } from './link.js'
import { watchSleep } from './sleep-watch.js'
import type { ClosedWhy, Status } from './status.js'
import { connectFailed } from './token-shape.js'
import type { TokenSource } from './token-source.js'

/** A connection that lived so long was a good one: the next failure is the first again. */
const HELD_MS = 10_000

export type UnopenedStatus = Exclude<Status, { state: 'open' }>

/** How a wait for one's turn ended. */
export interface Turn {
  /** Whether the token may be too old by now. */
  isStale: boolean
  /** Attempts of others before this one that have failed in a row; undefined where it is this one's turn still. */
  failures: number | undefined
}

export interface ConnectorOptions {
  environment: Environment
  tokens: TokenSource
  /** Where to connect, for whoever has this token. Never rejects. */
  address: (token: string) => Promise<URL>
  /** Waits until this one may connect with this token, where a connection is shared. */
  turn?: ((token: string) => Promise<Turn>) | undefined
  welcomed: (welcome: FrameOf<'welcome'>, link: Pick<Link, 'send'>) => void
  /** Any frame but `welcome`. */
  frame: (frame: Frame) => void
  /** A connection is gone that was welcomed, or not. */
  disconnected: () => void
  status: (status: UnopenedStatus) => void
  /** A text passes over the socket. */
  passed: (direction: FrameEvent['direction'], text: string) => void
  report: (error: InboxError) => void
}

/**
 * Keeps a connection for ever.
 *
 *     asking for a token, then for one's turn ──► connecting, connected (a link) ──► closed for good, by us or by a code that says so
 *           ▲      │ failed        │ ended
 *           └──────┴── waiting ◄───┘
 *
 * A wait ends by its timer, or at once when it may be worth while: the network is back, the page is seen, the machine woke.
 */
export class Connector {
  readonly #options: ConnectorOptions
  #state:
    | { kind: 'asking' }
    | { kind: 'linked'; link: Link; welcomedAt: number | undefined }
    | { kind: 'waiting'; cancel: () => void }
    | { kind: 'closed' } = { kind: 'asking' }
  /** Attempts that have failed in a row. */
  #failures = 0
  #needsToken = false
  /** The code of the last error that was no answer to a command: the reason of the close that follows. */
  #lastError: string | undefined
  readonly #stopWatching: (() => void)[]

  constructor(options: ConnectorOptions) {
    this.#options = options
    const { environment } = options
    this.#stopWatching = [
      environment.onWake(() => this.look()),
      watchSleep(environment, () => this.look()),
    ]
  }

  start(): void {
    void this.#attempt()
  }

  /** Attempts that have failed in a row. */
  get failures(): number {
    return this.#failures
  }

  /** Whether the last attempt has failed for want of a token that the service takes. */
  get needsToken(): boolean {
    return this.#needsToken
  }

  /** Lets the connection go, and waits for the turn of whoever has this token. */
  stepDown(token: string): void {
    if (this.#state.kind === 'closed') return
    if (this.#state.kind === 'waiting') this.#state.cancel()
    if (this.#state.kind === 'linked') {
      this.#state.link.abandon()
      this.#options.disconnected()
    }
    void this.#attempt(token)
  }

  /** The service has said on another tab's connection that this is the end. */
  end(code: number, reason: string): void {
    if (this.#state.kind !== 'closed') this.#end(code, reason)
  }

  /** Ends it for good; resolves when the socket is closed. */
  async close(): Promise<void> {
    const state = this.#state
    this.#stop({ by: 'application', code: 1000, reason: '' })
    if (state.kind === 'linked') await state.link.close()
  }

  async #attempt(known?: string): Promise<void> {
    const { address, status, tokens, turn } = this.#options
    const asking = { kind: 'asking' } as const
    this.#state = asking
    status({ state: 'connecting', attempt: this.#failures + 1 })
    try {
      let token = known ?? (await tokens.ask())
      if (turn) token = await this.#admitted(token, turn, () => this.#state === asking)
      if (this.#state !== asking) return
      const url = await address(token)
      if (this.#state !== asking) return
      const link = this.#link({ url, subprotocol: SUBPROTOCOL, token })
      this.#state = { kind: 'linked', link, welcomedAt: undefined }
    } catch {
      // It is reported; what can't be had now may be had later.
      if (this.#state !== asking) return
      this.#needsToken = true
      this.#failed(undefined)
    }
  }

  /** Waits for the turn of whoever has this token; gives the one to connect with, or any where the attempt is of no use any more. */
  async #admitted(
    token: string,
    turn: (token: string) => Promise<Turn>,
    isOfUse: () => boolean,
  ): Promise<string> {
    const { tokens } = this.#options
    if (!isOfUse()) return token
    const { isStale, failures } = await turn(token)
    if (!isOfUse()) return token
    this.#failures = failures ?? this.#failures
    if (!isStale) return tokens.latest ?? token
    return this.#admitted(await tokens.ask(), turn, isOfUse)
  }

  #link(request: SocketRequest): Link {
    const { environment, passed, report } = this.#options
    try {
      return new Link(environment, request, {
        passed,
        frame: (frame) => this.#frame(frame),
        unreadable: (detail) => report(new InboxError('unreadable', detail, { retryable: false })),
        ended: (end) => this.#ended(end),
      })
    } catch (cause) {
      // A page over https may open no ws, say.
      const error = connectFailed(cause, request.token)
      report(error)
      throw error
    }
  }

  #frame(frame: Frame): void {
    if (this.#state.kind !== 'linked') return
    this.note(frame)
    if (frame.type !== 'welcome') return this.#options.frame(frame)
    this.#state.welcomedAt = this.#options.environment.now()
    this.#options.welcomed(frame, this.#state.link)
  }

  /** Takes note of what comes before a close, on another tab's connection too. */
  note(frame: Frame): void {
    if (frame.type === 'error' && frame.id === undefined) this.#lastError = frame.payload.code
  }

  #ended(end: LinkEnd): void {
    if (this.#state.kind !== 'linked') return
    const { welcomedAt } = this.#state
    this.#options.disconnected()
    const lived = welcomedAt === undefined ? 0 : this.#options.environment.now() - welcomedAt
    if (lived >= HELD_MS) this.#failures = 0
    const { code, reason } = end
    if (afterClose(code) === 'stop') return this.#end(code, reason)
    this.#needsToken = afterClose(code) === 'token'
    this.#failed(end)
  }

  #end(code: number, reason: string): void {
    const detail = `The service has closed the connection for good: ${code} ${reason}`.trimEnd()
    this.#stop({ by: 'service', code, reason })
    const errorCode = reason === '' ? 'closed' : reason
    // An error that came before the close was told already.
    if (this.#lastError === reason) return
    this.#options.report(new InboxError(errorCode, detail, { retryable: false }))
  }

  /** Waits for the next attempt. */
  #failed(end: LinkEnd | undefined): void {
    const { environment, status } = this.#options
    this.#failures++
    this.#lastError = undefined
    const wait = this.#waitAfter(end)
    const cancel = environment.after(wait, () => void this.#attempt())
    this.#state = { kind: 'waiting', cancel }
    const why = end && { code: end.code, reason: end.reason }
    status({ state: 'waiting', retryAt: environment.now() + wait, attempt: this.#failures, why })
  }

  #waitAfter(end: LinkEnd | undefined): number {
    if (end?.reconnectAfterMs !== undefined) return end.reconnectAfterMs
    // The first bad token may only be too old; where the next is no better, there is no hurry.
    if (end && afterClose(end.code) === 'token' && this.#failures === 1) return 0
    return backoffMs(this.#failures, () => this.#options.environment.random())
  }

  /** Something has changed that may have ended the connection, or may bring it back. */
  look(): void {
    switch (this.#state.kind) {
      case 'waiting':
        this.#state.cancel()
        void this.#attempt()
        return
      case 'linked':
        this.#state.link.look()
        return
      case 'asking':
      case 'closed':
    }
  }

  #stop(why: ClosedWhy): void {
    if (this.#state.kind === 'closed') return
    if (this.#state.kind === 'waiting') this.#state.cancel()
    this.#state = { kind: 'closed' }
    for (const stop of this.#stopWatching) stop()
    this.#options.status({ state: 'closed', why })
  }
}
