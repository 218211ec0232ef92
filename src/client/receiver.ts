import type { Commands } from './commands.js'
import { InboxError } from './errors.js'
import type { Counts, Emitter } from './events.js'
import type { Frame } from './frames.js'
import type { Log } from './log.js'
import type { TokenRefresh } from './token-refresh.js'

export interface ReceiverOptions {
  emitter: Emitter
  log: Log
  commands: Commands
  refresh: TokenRefresh
  /** All that was missed has come. */
  caughtUp: () => void
}

/** Hands each frame of an open connection to whom it is for, and holds the counts that it brings. */
export class Receiver {
  readonly #options: ReceiverOptions
  #counts: Counts | undefined

  constructor(options: ReceiverOptions) {
    this.#options = options
  }

  /** Undefined until the service has told them. */
  get counts(): Counts | undefined {
    return this.#counts
  }

  hear(frame: Frame): void {
    const { emitter, log, commands, refresh } = this.#options
    // Counts first: a handler that looks at them sees those that its notification came with.
    switch (frame.type) {
      case 'gap':
        return log.gap(frame)
      case 'notification':
        this.count(frame.payload)
        return log.notification(frame)
      case 'updated':
        this.count(frame.payload)
        return log.updated(frame)
      case 'removed':
        this.count(frame.payload)
        return log.removed(frame)
      case 'counts':
        return this.count(frame.payload)
      case 'caught_up':
        log.caughtUp(frame)
        this.#options.caughtUp()
        return this.count(frame.payload)
      case 'ephemeral':
        return emitter.emit('ephemeral', frame.payload)
      case 'reply':
        return commands.reply(frame)
      case 'error':
        if (!commands.fail(frame)) {
          const { code, detail, retryable } = frame.payload
          emitter.emit('error', new InboxError(code, detail, { retryable }))
        }
        return
      case 'token_expiring':
        return refresh.expiring()
      case 'draining':
        return log.draining()
      // The connector has looked at them, or there is nothing to do.
      case 'welcome':
      case 'pong':
    }
  }

  count({ unread, unseen }: { unread?: number | undefined; unseen?: number | undefined }): void {
    if (unread === undefined || unseen === undefined) return
    if (this.#counts?.unread === unread && this.#counts.unseen === unseen) return
    this.#counts = { unread, unseen }
    this.#options.emitter.emit('counts', this.#counts)
  }
}
