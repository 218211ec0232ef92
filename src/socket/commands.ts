import { allowsTopic } from '../auth/topics.js'
import { isStoreTrouble, PosthornError, type ErrorCode } from '../protocol/errors.js'
import type { Mark, MarkPayload } from '../protocol/mark.js'
import type { Up } from '../protocol/up/index.js'
import type { Acknowledger } from './acknowledger.js'
import type { Conduct } from './conduct.js'
import type { Downlink } from './downlink.js'
import type { LogReader } from './log-reader.js'
import type { SessionContext } from './session-context.js'
import type { SessionToken } from './session-token.js'

export interface CommandsOptions {
  context: Pick<SessionContext, 'marker' | 'ownTopics'>
  user: string
  /** Of the log that the connection was welcomed to: its commands belong to it. */
  epoch: string
  reader: Pick<LogReader, 'mayAcknowledge' | 'acknowledge'>
  acknowledger: Pick<Acknowledger, 'acknowledge'>
  token: Pick<SessionToken, 'renew' | 'topics'>
  downlink: Downlink
  conduct: Conduct
  /** Ends the connection on an error; `id` is the command's that met it. */
  fail: (error: unknown, id?: string) => void
}

/** Errors of a command after which the connection goes on. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'rate_limited',
  'epoch_mismatch',
  'topic_not_allowed',
  'too_many_topics',
])

/** What the client of an open session asks for. */
export class Commands {
  readonly #options: CommandsOptions

  constructor(options: CommandsOptions) {
    this.#options = options
  }

  perform(command: Up, id: string | undefined): void {
    const { conduct, downlink, token } = this.#options
    if (command.type !== 'ack' && conduct.isTooMuch(id)) return
    switch (command.type) {
      case 'ping':
        return downlink.send({ type: 'pong', ...(id !== undefined && { id }), payload: {} })
      case 'ack':
        return this.#acknowledge(command.payload.seq, id)
      case 'mark':
        void this.#mark(command.payload, id)
        return
      case 'subscribe':
      case 'unsubscribe':
        void this.#changeTopic(command.type, command.payload.topic, id)
        return
      case 'authenticate':
        void token.renew(command.payload.token, id)
        return
    }
  }

  #acknowledge(seq: number, id: string | undefined): void {
    const { reader, acknowledger, downlink } = this.#options
    if (!reader.mayAcknowledge(seq)) {
      const error = new PosthornError('ack_ahead', `${seq} was not sent on this connection.`)
      return downlink.sendError(error, id)
    }
    if (!acknowledger.acknowledge(seq, id)) {
      const error = new PosthornError('rate_limited', 'Too many replies wait for the disk.')
      return downlink.sendError(error, id)
    }
    reader.acknowledge(seq)
  }

  /** Marks what stands in the log of the welcome; what they change comes as events, here too. */
  async #mark(payload: MarkPayload, id: string | undefined): Promise<void> {
    const { context, user, epoch, downlink } = this.#options
    const mark: Mark = payload.ids === undefined ? { ...payload, epoch } : payload
    try {
      const result = await context.marker.mark(user, mark)
      if (id !== undefined) downlink.send({ type: 'reply', id, payload: result })
    } catch (error) {
      this.#refuse(error, id)
    }
  }

  /** What the token of now allows; a fresh one counts from its `reply` on. */
  async #changeTopic(
    change: 'subscribe' | 'unsubscribe',
    topic: string,
    id: string | undefined,
  ): Promise<void> {
    const { context, user, epoch, token, downlink } = this.#options
    try {
      if (!allowsTopic(token.topics, topic)) {
        throw new PosthornError(
          'topic_not_allowed',
          'The `topics` of the token leave this one out.',
        )
      }
      await context.ownTopics[change]({ user, topic, epoch })
      if (id !== undefined) downlink.send({ type: 'reply', id, payload: { topic } })
    } catch (error) {
      this.#refuse(error, id)
    }
  }

  /** Tells of what a command met, and ends the connection where it can't go on. */
  #refuse(error: unknown, id: string | undefined): void {
    const { downlink, fail } = this.#options
    const isRefusal =
      error instanceof PosthornError && (REFUSALS.has(error.code) || isStoreTrouble(error.code))
    if (isRefusal) downlink.sendError(error, id)
    else fail(error, id)
  }
}
