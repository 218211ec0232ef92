import type { Stopwatch } from '../inbox/clock.js'
import { EventWindow } from '../inbox/event-window.js'
import { PosthornError } from '../protocol/errors.js'
import type { Parsed } from '../protocol/up/index.js'
import type { Downlink } from './downlink.js'
import { BAD_MESSAGES, COMMANDS, REFUSED_COMMANDS } from './limits.js'

export interface ConductOptions {
  stopwatch: Stopwatch
  downlink: Downlink
  /** Ends the connection on an error; `id` is the command's that met it. */
  fail: (error: PosthornError, id?: string) => void
}

/** What a client may do too much of: commands, and messages that are not understood. */
export class Conduct {
  readonly #options: ConductOptions
  // Made when they are needed: most connections never send more than an acknowledgement.
  #commands: EventWindow | undefined
  #refused: EventWindow | undefined
  #badMessages: EventWindow | undefined

  constructor(options: ConductOptions) {
    this.#options = options
  }

  /** Counts a command, and refuses it where it is one too many; where that goes on, the connection ends. */
  isTooMuch(id: string | undefined): boolean {
    const { stopwatch, downlink, fail } = this.#options
    const now = stopwatch()
    this.#commands ??= new EventWindow(COMMANDS)
    if (!this.#commands.count(now)) return false
    const error = new PosthornError('rate_limited', 'At most 50 commands a second.')
    this.#refused ??= new EventWindow(REFUSED_COMMANDS)
    if (this.#refused.count(now)) fail(error, id)
    else downlink.sendError(error, id)
    return true
  }

  /** Tells of a message that was not understood; the connection goes on, until there are too many. */
  refuse({ code, detail, id, violations }: Extract<Parsed, { kind: 'refused' }>): void {
    const { stopwatch, downlink, fail } = this.#options
    downlink.sendError(new PosthornError(code, detail, violations && { violations }), id)
    this.#badMessages ??= new EventWindow(BAD_MESSAGES)
    if (this.#badMessages.count(stopwatch())) {
      fail(
        new PosthornError('too_many_errors', 'Ten messages within a minute were not understood.'),
      )
    }
  }
}
