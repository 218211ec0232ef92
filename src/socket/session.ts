import { deviceFor } from '../auth/device.js'
import { requireUser, type UserPrincipal } from '../auth/principal.js'
import { refuseRevoked } from '../auth/revocations.js'
import { ERRORS, isFault, PosthornError, type ErrorCode } from '../protocol/errors.js'
import { REFUSALS } from '../protocol/refusals.js'
import type { SocketRequest } from '../protocol/socket-query.js'
import { parseUp, type Parsed } from '../protocol/up/index.js'
import { Conduct } from './conduct.js'
import type { Credential } from './credential.js'
import { Downlink, toClientError } from './downlink.js'
import { Heartbeat } from './heartbeat.js'
import { MAX_WAITING_MESSAGES } from './limits.js'
import type { LiveMove } from './log-reader.js'
import { OpenSession } from './open-session.js'
import { userOf, type OpeningState, type SessionState } from './session-state.js'
import type { LiveSession, SessionContext } from './session-context.js'
import type { SocketLike } from './socket-like.js'

/**
 * One connection of a device.
 *
 *     authenticating ── token ──► opening ── the device's cursor ──► open ──► closed
 *
 * - `authenticating`: the handshake brought no credential; the first message must, in time.
 * - `opening`: the token is verified and the store asked where the device stands. Messages wait for their turn.
 * - `open`: the log is read and commands are taken, by `OpenSession`.
 * - `closed`: reached from each of the others, once; nothing is sent any more.
 *
 * It knows a small socket and no timer of its own: `tick` comes from the one timer of all sessions.
 */
export class Session implements LiveSession {
  readonly id: string
  readonly address: string | undefined
  readonly connectedAt: number
  readonly #context: SessionContext
  readonly #socket: SocketLike
  readonly #downlink: Downlink
  readonly #request: SocketRequest
  readonly #heartbeat: Heartbeat
  readonly #conduct: Conduct
  #state: SessionState
  #device: string | undefined
  #epoch: string | undefined
  /** When a message of the client's came last; pongs are none. */
  #messageAt: number
  #hasToken: boolean

  constructor(
    context: SessionContext,
    socket: SocketLike,
    connection: {
      id: string
      address: string | undefined
      request: SocketRequest
      credential: Credential
    },
  ) {
    const { stopwatch, limits, heartbeatMs } = context
    const { id, address, request, credential } = connection
    this.id = id
    this.address = address
    this.connectedAt = context.clock()
    this.#context = context
    this.#socket = socket
    this.#downlink = new Downlink(socket)
    this.#request = request
    this.#conduct = new Conduct({
      stopwatch,
      downlink: this.#downlink,
      fail: (error, id) => this.#fail(error, id),
    })
    const now = stopwatch()
    this.#messageAt = now
    this.#heartbeat = new Heartbeat(socket, { heartbeatMs, pongMs: limits.pongMs, now })
    this.#state = { phase: 'authenticating', deadline: now + limits.authenticationMs }
    this.#hasToken = credential.kind !== 'none'
    context.registry.add(this)
    if (credential.kind === 'principal') {
      void this.#open(() => Promise.resolve(credential.principal))
    }
    if (credential.kind === 'token') void this.#open(() => this.#authenticate(credential.token))
    if (credential.kind === 'refused') this.#fail(credential.error)
  }

  get heardAt(): number {
    return this.#heartbeat.lastHeard
  }

  get device(): string | undefined {
    return this.#device
  }

  get epoch(): string | undefined {
    return this.#epoch
  }

  get hasToken(): boolean {
    return this.#hasToken
  }

  get isOpen(): boolean {
    return this.#state.phase === 'open'
  }

  get isReplaying(): boolean {
    return this.#state.phase === 'open' && this.#state.open.isReplaying
  }

  get isWindowFull(): boolean {
    return this.#state.phase === 'open' && this.#state.open.isWindowFull
  }

  /** A text frame came. */
  receive(text: string): void {
    this.heard()
    this.#messageAt = this.#context.stopwatch()
    const state = this.#state
    switch (state.phase) {
      case 'authenticating':
        return this.#receiveFirst(parseUp(text))
      case 'opening':
        if (state.messages.length < MAX_WAITING_MESSAGES) state.messages.push(text)
        else this.#refuse('rate_limited', 'Wait for `welcome` before sending on.')
        return
      case 'open': {
        // Answers go out before the next tick: a client that asks and never reads must not fill the memory meanwhile.
        if (this.#endsForSlowness()) return
        const parsed = parseUp(text)
        if (parsed.kind === 'refused') return this.#conduct.refuse(parsed)
        return state.open.perform(parsed.command, parsed.id)
      }
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
    this.#heartbeat.heard(this.#context.stopwatch())
  }

  /** The socket's buffer is empty again. */
  drained(): void {
    if (this.#state.phase === 'open') this.#state.open.drained()
  }

  /** How far the log is known to reach; undefined where it is not read. */
  get latest(): number | undefined {
    return this.#state.phase === 'open' ? this.#state.open.latest : undefined
  }

  /** The log of this session's user has moved. */
  wake(move: LiveMove): void {
    const state = this.#state
    if (state.phase === 'open') state.open.wake(move)
    if (state.phase !== 'opening') return
    state.latest = Math.max(state.latest, move.seq)
    if (move.change?.kind === 'counts') state.counts = move
  }

  /** Sends a frame that is in no log, where there is room for it now. */
  deliver(frame: string): void {
    const { highWaterBytes } = this.#context.limits
    if (this.isOpen && this.#socket.bufferedAmount <= highWaterBytes) this.#socket.sendText(frame)
  }

  /** Looks at what time alone brings about. */
  tick(): void {
    const state = this.#state
    const now = this.#context.stopwatch()
    if (state.phase === 'closed') return
    if (this.#endsForSlowness()) return
    // Where the store takes its time, a client need not wait for the answer to its handshake as well.
    if (state.phase === 'opening') this.#socket.flush()
    if (state.phase === 'authenticating' && now >= state.deadline) {
      return this.#refuse('authentication_timeout', 'Send `authenticate` as the first message.')
    }
    if (this.#heartbeat.tick(now) === 'dead') {
      return this.#refuse('too_slow', 'No sign of life came after a ping.')
    }
    const { idleTimeoutMs = Infinity } = this.#context
    if (now - this.#messageAt >= idleTimeoutMs) {
      return this.#refuse('idle', 'Send a message now and then: `ping`, say.')
    }
    if (state.phase === 'open') state.open.tick(now)
  }

  /** Tells that the connection is about to end, and in how many milliseconds it may come back. */
  drain(reconnectAfterMs: number): void {
    if (this.isOpen) this.#downlink.send({ type: 'draining', payload: { reconnectAfterMs } })
  }

  /** Ends the connection from this side. */
  close(code: number, reason: string): void {
    if (!this.#end({ code, reason }, 'connection closed')) return
    this.#downlink.close(code, reason)
    this.#context.connections.closed(code, 'service')
  }

  /** Ends the connection from this side, after saying why. */
  fail(error: PosthornError): void {
    this.#fail(error)
  }

  /** Ends the connection where its token was revoked; one that is being opened looks by itself. */
  endIfRevoked(): void {
    if (this.#state.phase === 'open') this.#state.open.endIfRevoked()
  }

  /** Ends the connection, while it is being opened, where it turns out to read the log of this epoch. */
  failWhenOf(epoch: string, error: PosthornError): void {
    if (this.#state.phase === 'opening') this.#state.ended.push({ epoch, error })
  }

  /** The socket has ended from the other side. */
  closed(code: number): void {
    if (!this.#end({ code }, 'connection ended')) return
    this.#downlink.end()
    this.#context.connections.closed(code, 'client')
  }

  /** False where it was over already. */
  #end(why: { code: number; reason?: string }, event: string): boolean {
    const state = this.#state
    if (state.phase === 'closed') return false
    const user = userOf(state)
    if (state.phase === 'open') state.open.stop()
    this.#state = { phase: 'closed' }
    this.#context.log.info({ connection: this.id, user, ...why }, event)
    this.#context.registry.left(this, user)
    return true
  }

  async #authenticate(token: string): Promise<UserPrincipal> {
    return requireUser(await this.#context.verify(token, () => this.address))
  }

  /** From a token, or what one has already shown, to a session that reads its log. */
  async #open(identify: () => Promise<UserPrincipal>, id?: string): Promise<void> {
    const opening: OpeningState = {
      phase: 'opening',
      user: undefined,
      latest: 0,
      counts: undefined,
      messages: [],
      ended: [],
    }
    this.#state = opening
    try {
      const principal = await identify()
      await this.#context.quotas.admit(principal)
      if (this.#isOver()) return
      const device = deviceFor(principal, this.#request.device)
      opening.user = principal.user
      this.#device = device
      // Before the store is asked, so that nothing committed meanwhile goes unnoticed.
      this.#context.registry.joined(this, principal.user)
      const { start, batch } = this.#request
      const open = await OpenSession.open(start, {
        context: this.#context,
        connection: this.id,
        socket: this.#socket,
        downlink: this.#downlink,
        conduct: this.#conduct,
        principal,
        device,
        batch,
        authenticate: (token) => this.#authenticate(token),
        fail: (error, id) => this.#fail(error, id),
      })
      if (this.#isOver()) return
      refuseRevoked(principal, this.#context.revocations)
      const over = opening.ended.find(({ epoch }) => epoch === open.epoch)
      if (over) throw over.error
      this.#state = { phase: 'open', open }
      this.#epoch = open.epoch
      this.#context.log.info({ connection: this.id, user: open.user, device }, 'connection opened')
      this.#socket.hold()
      open.begin(id, opening.latest)
      if (opening.counts) open.wake(opening.counts)
      for (const text of opening.messages) this.receive(text)
      this.#socket.flush()
    } catch (error) {
      this.#fail(error, id)
    }
  }

  #receiveFirst(parsed: Parsed): void {
    if (parsed.kind === 'refused') return this.#conduct.refuse(parsed)
    const { id } = parsed
    if (parsed.command.type !== 'authenticate') {
      return this.#refuse('missing_token', 'Send `authenticate` as the first message.', id)
    }
    const { command } = parsed
    this.#hasToken = true
    void this.#open(() => this.#authenticate(command.payload.token), id)
  }

  /** Ends the connection where too much waits for its peer; true where it does. */
  #endsForSlowness(): boolean {
    const isFull = this.#socket.bufferedAmount > this.#context.limits.maxBufferBytes
    if (isFull) this.#refuse('too_slow', 'The connection reads too slowly.')
    return isFull
  }

  #refuse(code: ErrorCode, detail: string, id?: string): void {
    this.#fail(new PosthornError(code, detail), id)
  }

  /** Ends the connection on an error, after saying which. */
  #fail(thrown: unknown, id?: string): void {
    if (this.#isOver()) return
    const error = toClientError(thrown)
    // That the token of an open session ends is no attempt to get in.
    const isEnd = this.isOpen && (error.code === 'token_expired' || error.code === 'token_revoked')
    if (REFUSALS.has(error.code) && !isEnd) this.#context.connections.refused(error.code, 'socket')
    if (isFault(error.code)) {
      this.#context.log.error({ connection: this.id, err: error.cause }, 'session failed')
    }
    this.#downlink.sendError(error, id)
    this.close(ERRORS[error.code].close ?? ERRORS.internal.close, error.code)
  }

  /** A method, since a state that was narrowed once may have changed after an await. */
  #isOver(): boolean {
    return this.#state.phase === 'closed'
  }
}
