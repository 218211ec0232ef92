import type { IncomingMessage, ServerResponse } from 'node:http'
import { PosthornError } from '../protocol/errors.js'

/** Most requests of one user that have no answer yet, or one that was not taken yet. */
const MAX_UNDER_WAY = 32

/**
 * How many requests of each user are under way: until the answer has been handed to the system, so that whoever asks and
 * never reads holds no more memory than so many answers take, over however many connections.
 */
export class UnderWay {
  readonly #counts = new Map<string, number>()

  /** @throws PosthornError `rate_limited` where there are as many as there may be */
  enter(user: string, { socket }: IncomingMessage, answer: ServerResponse): void {
    // Who hung up while its token was verified has had its end already: it would count for good.
    if (answer.closed || socket.closed) return
    const count = this.#counts.get(user) ?? 0
    if (count >= MAX_UNDER_WAY) {
      throw new PosthornError(
        'rate_limited',
        `At most ${MAX_UNDER_WAY} requests at once: read the answers.`,
      )
    }
    this.#counts.set(user, count + 1)
    const leave = (): void => {
      answer.off('close', leave)
      socket.off('close', leave)
      const left = (this.#counts.get(user) ?? 1) - 1
      if (left > 0) this.#counts.set(user, left)
      else this.#counts.delete(user)
    }
    answer.once('close', leave)
    if (answer.socket === null) {
      // One that waits behind another on its connection has no end of its own where the connection breaks off.
      socket.setMaxListeners(MAX_UNDER_WAY * 2)
      socket.once('close', leave)
    }
  }
}
