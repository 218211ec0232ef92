import type { UserPrincipal } from '../auth/principal.js'
import { requireUser } from '../auth/principal.js'
import type { Verify } from '../auth/verify.js'
import type { Clock } from '../inbox/clock.js'
import type { OpenedDevice, Store } from '../inbox/store.js'
import type { DownSmall } from '../protocol/down/index.js'
import { ERRORS, PosthornError, type ErrorCode } from '../protocol/errors.js'
import type { SocketRequest } from '../protocol/socket-query.js'
import { parseUp, type Parsed, type Up } from '../protocol/up/index.js'
import type { Log } from '../telemetry/log.js'
import { Acknowledger } from './acknowledger.js'
import { BadMessages } from './bad-messages.js'
import { deviceFor } from '../auth/device.js'
import { Heartbeat } from './heartbeat.js'
import { MAX_FRAME_BYTES, MAX_WAITING_MESSAGES, type SocketLimits } from './limits.js'
import { LogReader, type LiveMove } from './log-reader.js'
import type { SocketLike } from './socket-like.js'
import { TokenLife } from './token-life.js'

/** What every session of a service shares. */
export interface SessionContext {
  store: Pick<Store, 'openDevice' | 'acknowledge' | 'changes'>
  verify: Verify
  clock: Clock
  log: Log
  /** Milliseconds between pings. */
  heartbeatMs: number
  /** Entries that may be sent and not yet acknowledged. */
  maxUnacked: number
  limits: SocketLimits
  /** Called when the session knows its user, before it reads the log. */
  joined: (session: Session, user: string) => void
  /** Called once, when the session is over. */
  left: (session: Session) => void
}

/** Who is at the other end, as far as the handshake told. */
export type Credential =
  | { kind: 'principal'; principal: UserPrincipal }
  /** From the subprotocol: not yet looked at, since a browser can't see why a handshake fails. */
  | { kind: 'token'; token: string }
  | { kind: 'none' }

type State =
  | { phase: 'authenticating'; deadline: number }
  | { phase: 'opening'; user: string | undefined; latest: number; messages: string[] }
  | OpenState
  | { phase: 'closed' }

interface OpenState {
  phase: 'open'
  principal: UserPrincipal
  device: string
  reader: LogReader
  acknowledger: Acknowledger
  tokenLife: TokenLife
}

/**
 * One connection of a device.
 *
 *     authenticating ── token ──► opening ── the device's cursor ──► open ──► closed
 *
 * - `authenticating`: the handshake brought no credential; the first message must, in time.
 * - `opening`: the token is verified and the store asked where the device stands. Messages wait for their turn.
 * - `open`: the reader sends the log, commands are taken.
 * - `closed`: reached from each of the others, once; nothing is sent any more.
 *
 * It knows a socket of four methods and no clock of its own: `tick` comes from the one timer of all sessions.
 */
export class Session {
  readonly id: string
  readonly #context: SessionContext
  readonly #socket: SocketLike
  readonly #request: SocketRequest
  readonly #heartbeat: Heartbeat
  readonly #log: Log
  #badMessages: BadMessages | undefined
  #state: State

  constructor(
    context: SessionContext,
    socket: SocketLike,
    connection: { id: string; request: SocketRequest; credential: Credential },
  ) {
    const { clock, limits, heartbeatMs } = context
    this.id = connection.id
    this.#context = context
    this.#socket = socket
    this.#request = connection.request
    this.#log = context.log
    this.#heartbeat = new Heartbeat(socket, { heartbeatMs, pongMs: limits.pongMs, now: clock() })
    this.#state = { phase: 'authenticating', deadline: clock() + limits.authenticationMs }
    const { credential } = connection
    if (credential.kind === 'principal')
      void this.#open(() => Promise.resolve(credential.principal))
    if (credential.kind === 'token') void this.#open(() => this.#authenticate(credential.token))
  }

  /** A text frame came. */
  receive(text: string): void {
    this.heard()
    const state = this.#state
    switch (state.phase) {
      case 'authenticating':
        return this.#receiveFirst(parseUp(text))
      case 'opening':
        if (state.messages.length < MAX_WAITING_MESSAGES) state.messages.push(text)
        else this.#refuse('rate_limited', 'Wait for `welcome` before sending on.')
        return
      case 'open':
        return this.#receiveCommand(state, parseUp(text))
      case 'closed':
        return
    }
  }

  /** A binary frame came, which the protocol doesn't have. */
  receiveBinary(): void {
    this.#refuse('binary_not_supported', 'Every frame is one JSON text.')
  }

  /** The peer gave a sign of life. */
  heard(): void {
    this.#heartbeat.heard(this.#context.clock())
  }

  /** The socket's buffer is empty again. */
  drained(): void {
    if (this.#state.phase === 'open') this.#state.reader.drained()
  }

  /** The log of this session's user has moved. */
  wake(move: LiveMove): void {
    const state = this.#state
    if (state.phase === 'open') state.reader.wake(move)
    if (state.phase === 'opening') state.latest = Math.max(state.latest, move.seq)
  }

  /** Looks at what time alone brings about. */
  tick(now: number): void {
    const state = this.#state
    if (state.phase === 'closed') return
    if (this.#socket.bufferedAmount > this.#context.limits.maxBufferBytes) {
      return this.#refuse('too_slow', 'The connection reads too slowly.')
    }
    if (state.phase === 'authenticating' && now >= state.deadline) {
      return this.#refuse('authentication_timeout', 'Send `authenticate` as the first message.')
    }
    if (this.#heartbeat.tick(now) === 'dead') {
      return this.#refuse('too_slow', 'No sign of life came after a ping.')
    }
    if (state.phase === 'open') this.#tickOpen(state, now)
  }

  /** Ends the connection from this side. */
  close(code: number, reason: string): void {
    if (this.#state.phase === 'closed') return
    this.#end()
    this.#log.info({ connection: this.id, code, reason }, 'connection closed')
    this.#socket.close(code, reason)
  }

  /** The socket has ended from the other side. */
  closed(code: number): void {
    if (this.#state.phase === 'closed') return
    this.#end()
    this.#log.info({ connection: this.id, code }, 'connection ended')
  }

  #end(): void {
    if (this.#state.phase === 'open') this.#state.reader.stop()
    this.#state = { phase: 'closed' }
    this.#context.left(this)
  }

  #tickOpen({ tokenLife, reader }: OpenState, now: number): void {
    const { windowFullMs } = this.#context.limits
    if (reader.fullSince !== undefined && now - reader.fullSince >= windowFullMs) {
      return this.#refuse('too_slow', 'Entries wait for their acknowledgement for too long.')
    }
    switch (tokenLife.tick(now)) {
      case 'ended':
        return this.#refuse('token_expired', 'The token has expired.')
      case 'expiring':
        return this.#send({
          type: 'token_expiring',
          payload: { expiresAt: tokenLife.expiresAt.toISOString() },
        })
      case 'alive':
    }
  }

  async #authenticate(token: string): Promise<UserPrincipal> {
    return requireUser(await this.#context.verify(token))
  }

  /** From a token, or what one has already shown, to a session that reads its log. */
  async #open(identify: () => Promise<UserPrincipal>, id?: string): Promise<void> {
    const opening = { phase: 'opening' as const, user: undefined, latest: 0, messages: [] }
    this.#state = opening
    try {
      const principal = await identify()
      if (this.#isOver()) return
      const { user } = principal
      const device = deviceFor(principal, this.#request.device)
      // From here on wakes come, so that nothing committed while the store is asked goes unnoticed.
      this.#context.joined(this, user)
      const opened = await this.#context.store.openDevice({
        user,
        device,
        start: this.#request.start,
        at: this.#context.clock(),
      })
      if (this.#isOver()) return
      this.#begin(principal, device, opened, opening, id)
    } catch (error) {
      this.#fail(error, id)
    }
  }

  #begin(
    principal: UserPrincipal,
    device: string,
    opened: OpenedDevice,
    { latest, messages }: { latest: number; messages: string[] },
    id: string | undefined,
  ): void {
    const state = this.#openState(principal, device, opened)
    this.#state = state
    this.#welcome(state, opened)
    if (id !== undefined) this.#replyAuthenticated(id, principal)
    if (opened.strayed) {
      const { position } = opened
      this.#send({ type: 'gap', payload: { from: position, to: position, reason: 'epoch' } })
    }
    this.#log.info({ connection: this.id, user: principal.user, device }, 'connection opened')
    state.reader.start(latest)
    for (const text of messages) this.receive(text)
  }

  #openState(principal: UserPrincipal, device: string, opened: OpenedDevice): OpenState {
    const { store, clock, maxUnacked, limits } = this.#context
    const { user } = principal
    const fail = (error: unknown): void => this.#fail(error)
    return {
      phase: 'open',
      principal,
      device,
      reader: new LogReader({
        store,
        clock,
        socket: this.#socket,
        user,
        opened,
        maxUnacked,
        highWaterBytes: limits.highWaterBytes,
        batch: this.#request.batch,
        fail,
      }),
      acknowledger: new Acknowledger({
        store,
        device: { user, device, epoch: opened.epoch },
        clock,
        reply: (id, cursor) => this.#send({ type: 'reply', id, payload: { cursor } }),
        fail,
      }),
      tokenLife: new TokenLife(principal.expiresAt, clock()),
    }
  }

  #welcome({ principal, device }: OpenState, opened: OpenedDevice): void {
    const { heartbeatMs, maxUnacked, clock } = this.#context
    const { epoch, cursor, latest, unread, unseen } = opened
    this.#send({
      type: 'welcome',
      payload: {
        connection: this.id,
        user: principal.user,
        device,
        epoch,
        cursor,
        latest,
        unread,
        unseen,
        heartbeatMs,
        maxUnacked,
        maxFrameBytes: MAX_FRAME_BYTES,
        tokenExpiresAt: new Date(principal.expiresAt).toISOString(),
        serverTime: new Date(clock()).toISOString(),
      },
    })
  }

  #receiveFirst(parsed: Parsed): void {
    if (parsed.kind === 'refused') return this.#refuseMessage(parsed)
    const { command, id } = parsed
    if (command.type !== 'authenticate') {
      return this.#refuse('missing_token', 'Send `authenticate` as the first message.', id)
    }
    void this.#open(() => this.#authenticate(command.payload.token), id)
  }

  #receiveCommand(state: OpenState, parsed: Parsed): void {
    if (parsed.kind === 'refused') return this.#refuseMessage(parsed)
    this.#perform(state, parsed.command, parsed.id)
  }

  #perform(state: OpenState, command: Up, id: string | undefined): void {
    switch (command.type) {
      case 'ping':
        return this.#send({ type: 'pong', ...(id !== undefined && { id }), payload: {} })
      case 'ack':
        return this.#acknowledge(state, command.payload.seq, id)
      case 'authenticate':
        void this.#reauthenticate(state, command.payload.token, id)
        return
    }
  }

  #acknowledge({ reader, acknowledger }: OpenState, seq: number, id: string | undefined): void {
    if (!reader.mayAcknowledge(seq)) {
      return this.#sendError('ack_ahead', `${seq} was not sent on this connection.`, id)
    }
    if (!acknowledger.acknowledge(seq, id)) {
      return this.#sendError('rate_limited', 'Too many acknowledgements wait for the disk.', id)
    }
    reader.acknowledge(seq)
  }

  /** A fresh token keeps the connection alive; it must speak for the same user, issuer and device. */
  async #reauthenticate(state: OpenState, token: string, id: string | undefined): Promise<void> {
    try {
      const principal = await this.#authenticate(token)
      if (this.#isOver()) return
      const { user, issuer, device = state.device } = principal
      const same =
        user === state.principal.user &&
        issuer === state.principal.issuer &&
        device === state.device
      if (!same) throw new PosthornError('principal_changed', 'Connect anew as someone else.')
      state.tokenLife = new TokenLife(principal.expiresAt, this.#context.clock())
      if (id !== undefined) this.#replyAuthenticated(id, principal)
    } catch (error) {
      this.#fail(error, id)
    }
  }

  #replyAuthenticated(id: string, { expiresAt }: UserPrincipal): void {
    const tokenExpiresAt = new Date(expiresAt).toISOString()
    this.#send({ type: 'reply', id, payload: { tokenExpiresAt } })
  }

  /** Tells of a message that was not understood; the connection goes on, until there are too many. */
  #refuseMessage({ code, detail, id, violations }: Extract<Parsed, { kind: 'refused' }>): void {
    this.#sendError(code, detail, id, violations)
    if (code === 'not_implemented') return
    this.#badMessages ??= new BadMessages()
    if (this.#badMessages.count(this.#context.clock())) {
      this.#refuse('too_many_errors', 'Ten messages within a minute were not understood.')
    }
  }

  #refuse(code: ErrorCode, detail: string, id?: string): void {
    this.#fail(new PosthornError(code, detail), id)
  }

  /** Ends the connection on an error, after saying which. */
  #fail(thrown: unknown, id?: string): void {
    if (this.#isOver()) return
    const error =
      thrown instanceof PosthornError
        ? thrown
        : new PosthornError('internal', 'Something went wrong here.', { cause: thrown })
    const { status, close } = ERRORS[error.code]
    if (status >= 500) this.#log.error({ connection: this.id, err: error.cause }, 'session failed')
    this.#sendError(error.code, error.message, id, error.violations)
    this.close(close ?? ERRORS.internal.close, error.code)
  }

  #sendError(
    code: ErrorCode,
    detail: string,
    id: string | undefined,
    violations?: PosthornError['violations'],
  ): void {
    const { retryable } = ERRORS[code]
    this.#send({
      type: 'error',
      ...(id !== undefined && { id }),
      payload: { code, detail, retryable, ...(violations && { errors: [...violations] }) },
    })
  }

  #send(message: DownSmall): void {
    if (!this.#isOver()) this.#socket.send(JSON.stringify(message))
  }

  /** A method, since a state that was narrowed once may have changed after an await. */
  #isOver(): boolean {
    return this.#state.phase === 'closed'
  }
}
