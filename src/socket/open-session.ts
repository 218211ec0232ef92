import type { UserPrincipal } from '../auth/principal.js'
import type { OpenedDevice } from '../inbox/store.js'
import { PosthornError } from '../protocol/errors.js'
import type { Start } from '../protocol/socket-query.js'
import type { Up } from '../protocol/up/index.js'
import { Acknowledger } from './acknowledger.js'
import { Commands } from './commands.js'
import type { Conduct } from './conduct.js'
import type { Downlink } from './downlink.js'
import { FollowedEntries } from './followed-entries.js'
import { MAX_FRAME_BYTES } from './limits.js'
import { LogReader, type LiveMove } from './log-reader.js'
import type { SessionContext } from './session-context.js'
import { SessionToken } from './session-token.js'
import type { SocketLike } from './socket-like.js'

export interface OpenSessionOptions {
  context: SessionContext
  connection: string
  socket: SocketLike
  downlink: Downlink
  conduct: Conduct
  principal: UserPrincipal
  device: string
  /** Whether frames may go out in arrays. */
  batch: boolean
  /** Verifies the token of a user. */
  authenticate: (token: string) => Promise<UserPrincipal>
  /** Ends the connection on an error; `id` is the command's that met it. */
  fail: (error: unknown, id?: string) => void
}

/** A session whose user and device are known: it reads the log and takes commands. */
export class OpenSession {
  readonly #options: OpenSessionOptions
  readonly #opened: OpenedDevice
  readonly #reader: LogReader
  readonly #acknowledger: Acknowledger
  readonly #token: SessionToken
  readonly #commands: Commands

  /** Makes the device where it is new, and settles where to start. */
  static async open(start: Start, options: OpenSessionOptions): Promise<OpenSession> {
    const { context, principal, device } = options
    const { store, clock } = context
    const { user } = principal
    return new OpenSession(options, await store.openDevice({ user, device, start, at: clock() }))
  }

  private constructor(options: OpenSessionOptions, opened: OpenedDevice) {
    const { context, connection, socket, downlink, conduct, principal, device, batch } = options
    const { authenticate, fail } = options
    const { store, clock, stopwatch, revocations, traffic, tracing, maxUnacked, limits } = context
    const { user } = principal
    const { highWaterBytes } = limits
    this.#options = options
    this.#opened = opened
    this.#reader = new LogReader({
      store,
      clock,
      stopwatch,
      traffic,
      followed: tracing && new FollowedEntries(tracing, connection),
      socket,
      user,
      device,
      opened,
      maxUnacked,
      highWaterBytes,
      batch,
      fail,
    })
    this.#acknowledger = new Acknowledger({
      store,
      device: { user, device, epoch: opened.epoch },
      clock,
      reply: (id, cursor) => downlink.send({ type: 'reply', id, payload: { cursor } }),
      fail,
    })
    this.#token = new SessionToken({
      principal,
      device,
      clock,
      revocations,
      downlink,
      authenticate,
      fail,
    })
    this.#commands = new Commands({
      context,
      user,
      epoch: opened.epoch,
      reader: this.#reader,
      acknowledger: this.#acknowledger,
      token: this.#token,
      downlink,
      conduct,
      fail,
    })
  }

  get user(): string {
    return this.#options.principal.user
  }

  get device(): string {
    return this.#options.device
  }

  /** Of the log that it reads. */
  get epoch(): string {
    return this.#opened.epoch
  }

  /**
   * Says welcome and begins to send the log. `id` is that of the `authenticate` that opened the session, where one did;
   * `latest` is how far the log has moved while it was being opened.
   */
  begin(id: string | undefined, latest: number): void {
    const { downlink } = this.#options
    this.#welcome()
    if (id !== undefined) this.#token.reply(id)
    const { strayed, position } = this.#opened
    if (strayed) {
      downlink.send({ type: 'gap', payload: { from: position, to: position, reason: 'epoch' } })
      this.#options.context.traffic.gap('epoch')
    }
    this.#reader.start(latest)
  }

  perform(command: Up, id: string | undefined): void {
    this.#commands.perform(command, id)
  }

  get isReplaying(): boolean {
    return this.#reader.isReplaying
  }

  get isWindowFull(): boolean {
    return this.#reader.fullSince !== undefined
  }

  endIfRevoked(): void {
    this.#token.endIfRevoked()
  }

  wake(move: LiveMove): void {
    this.#reader.wake(move)
  }

  /** How far the log is known to reach. */
  get latest(): number {
    return this.#reader.latest
  }

  drained(): void {
    this.#reader.drained()
  }

  /** Looks at what time alone brings about; `now` by the stopwatch. */
  tick(now: number): void {
    const { context, fail } = this.#options
    const { fullSince } = this.#reader
    if (fullSince !== undefined && now - fullSince >= context.limits.windowFullMs) {
      return fail(new PosthornError('too_slow', 'Entries wait too long for acknowledgement.'))
    }
    this.#acknowledger.tick()
    this.#token.tick()
  }

  /** Reads no more; an acknowledgement that was taken is still written. */
  stop(): void {
    this.#acknowledger.finish()
    this.#reader.stop()
  }

  #welcome(): void {
    const { context, connection, downlink } = this.#options
    const { heartbeatMs, maxUnacked, clock } = context
    const { epoch, cursor, latest, unread, unseen } = this.#opened
    downlink.send({
      type: 'welcome',
      payload: {
        connection,
        user: this.user,
        device: this.device,
        epoch,
        cursor,
        latest,
        unread,
        unseen,
        heartbeatMs,
        maxUnacked,
        maxFrameBytes: MAX_FRAME_BYTES,
        tokenExpiresAt: this.#token.expiresAt,
        serverTime: new Date(clock()).toISOString(),
      },
    })
  }
}
