import type { DownSmall } from '../protocol/down/index.js'
import { ERRORS, PosthornError } from '../protocol/errors.js'
import type { SocketLike } from './socket-like.js'

/** What the server says on a connection, notifications apart; nothing more once it is over. */
export class Downlink {
  readonly #socket: SocketLike
  #over = false

  constructor(socket: SocketLike) {
    this.#socket = socket
  }

  send(message: DownSmall): void {
    if (!this.#over) this.#socket.sendText(JSON.stringify(message))
  }

  /** Tells what went wrong; `id` is the command's, where it had one. */
  sendError({ code, message: detail, violations }: PosthornError, id?: string): void {
    const { retryable } = ERRORS[code]
    this.send({
      type: 'error',
      ...(id !== undefined && { id }),
      payload: { code, detail, retryable, ...(violations && { errors: [...violations] }) },
    })
  }

  /** Says goodbye with a close code. */
  close(code: number, reason: string): void {
    if (this.#over) return
    this.#over = true
    this.#socket.close(code, reason)
  }

  /** The peer has gone: nothing can be said any more. */
  end(): void {
    this.#over = true
  }
}

/** The error that a client is told of; what is not for it stays in `cause`, for the log. */
export function toClientError(thrown: unknown): PosthornError {
  if (thrown instanceof PosthornError) return thrown
  return new PosthornError('internal', 'Something went wrong here.', { cause: thrown })
}
