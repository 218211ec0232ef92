import type { UnopenedStatus } from './connector.js'
import type { Environment } from './environment.js'
import type { Frame, FrameOf } from './frames.js'
import type { Link } from './link.js'
import type { FromFollower, FromLeader } from './shared-messages.js'
import { Watch } from './shared-watch.js'

export interface FollowerOptions {
  environment: Environment
  /** This tab, among the others. */
  name: string
  tell: (message: FromFollower) => void
  seize: () => void
  /** Rejects where this tab has none. */
  askToken: () => Promise<unknown>
  welcomed: (welcome: FrameOf<'welcome'>, link: Pick<Link, 'send'>) => void
  /** Any frame but `welcome`. */
  frame: (frame: Frame) => void
  disconnected: () => void
  status: (status: UnopenedStatus) => void
  /** The service has closed it for good. */
  end: (code: number, reason: string) => void
}

/** A tab that hears of the leader's connection as if it were its own, and hands its commands to the leader. */
export class Follower {
  readonly kind = 'following'
  readonly #options: FollowerOptions
  readonly #watch: Watch
  /** The leader's connection, as far as it was told here. */
  #connection: string | undefined
  #failures: number | undefined
  /** Ends the wait before this one tries in the leader's place. */
  #cancelOffer: (() => void) | undefined
  #stopped = false

  constructor(options: FollowerOptions) {
    this.#options = options
    const { environment, seize } = options
    this.#watch = new Watch(environment, { ask: () => this.#ask(), silent: seize })
  }

  /** Attempts of the leader that have failed in a row; undefined where none was heard of. */
  get failures(): number | undefined {
    return this.#failures
  }

  /** Takes what the leader tells; one that was elected later is the leader from then on. */
  hear(message: FromLeader, isNewLeader: boolean): void {
    if (isNewLeader) this.#unlink()
    this.#watch.heard()
    switch (message.kind) {
      case 'waiting':
        return this.#wait(message)
      case 'connected':
        if (this.#connection !== message.connection) this.#connect(message)
        return
      case 'frame':
        if (this.#connection === message.connection) this.#options.frame(message.frame)
        return
      case 'here':
        return
      case 'closed':
        return this.#options.end(message.code, message.reason)
    }
  }

  /** It may be worth while to look at the connection at once. */
  woken(): void {
    this.#options.tell({ kind: 'wake' })
    this.#watch.ask()
  }

  stop(): void {
    this.#stopped = true
    this.#unlink()
    this.#watch.stop()
  }

  #wait({ status, needsToken }: FromLeader & { kind: 'waiting' }): void {
    this.#unlink()
    this.#failures = status.state === 'waiting' ? status.attempt : status.attempt - 1
    this.#options.status(status)
    if (needsToken && status.state === 'waiting' && status.attempt > 1) this.#offer(status.retryAt)
  }

  #connect({ connection, frames }: FromLeader & { kind: 'connected' }): void {
    const { tell, frame: hear, welcomed } = this.#options
    this.#unlink()
    this.#failures = 0
    this.#connection = connection
    for (const frame of frames) {
      // A handler may have closed the inbox.
      if (this.#stopped) return
      if (frame.type !== 'welcome') {
        hear(frame)
        continue
      }
      this.#watch.heartbeatMs = frame.payload.heartbeatMs
      welcomed(frame, {
        send({ id, ...command }) {
          // The leader acknowledges what its own application has handled, and keeps its own token fresh.
          if (command.type === 'ack' || command.type === 'authenticate') return
          if (id !== undefined) tell({ kind: 'command', connection, id, command })
        },
      })
    }
  }

  /** The leader's connection is gone, or the leader. */
  #unlink(): void {
    this.#cancelOffer?.()
    this.#cancelOffer = undefined
    if (this.#connection === undefined) return
    this.#connection = undefined
    this.#options.disconnected()
  }

  /** The leader can't get a token that the service takes: where this tab can, it tries in the leader's place, at half the wait. */
  #offer(retryAt: number): void {
    const { environment, askToken, seize } = this.#options
    const share = (1 + environment.random()) / 4
    let isNeeded = true
    const cancel = environment.after(Math.max(0, retryAt - environment.now()) * share, () => {
      askToken()
        .then(() => isNeeded && seize())
        // It is reported where it failed.
        .catch(() => undefined)
    })
    this.#cancelOffer = () => {
      isNeeded = false
      cancel()
    }
  }

  #ask(): void {
    const connection = this.#connection
    const known = connection === undefined ? {} : { connection }
    this.#options.tell({ kind: 'ask', from: this.#options.name, ...known })
  }
}
