import { Down } from '../../src/protocol/down/index.js'
import { ERRORS, type ErrorCode } from '../../src/protocol/errors.js'

/** Close codes of the contract that are no fault of the server's, and those by which ws itself answers broken frames. */
const CLOSES = new Set([1000, 1001, 1003, 1009, 4400, 4401, 4403, 4408, 4409, 4410, 4429])
const CLOSES_BY_RFC_6455 = new Set([1002, 1007])

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code)

/** Holds everything that comes on one socket against the contract. */
export class Hearing {
  /** What came, in short. */
  readonly outcomes: string[] = []
  readonly #ids: ReadonlySet<string>
  readonly #own: (code: number) => boolean
  #lastError: ErrorCode | undefined

  /**
   * `sent`: the texts that were sent, whose ids alone may stand in an answer. `own`: whether the client may itself have
   * closed with this code, which then comes back as it was.
   */
  constructor(sent: readonly string[], own: (code: number) => boolean = () => false) {
    this.#ids = new Set(sent.flatMap(idsOf))
    this.#own = own
  }

  /**
   * A text frame came; answers with its messages.
   * @throws Error where it is none of ours
   */
  hear(text: string): Down[] {
    const json: unknown = JSON.parse(text)
    const messages = (Array.isArray(json) ? json : [json]).map((one) => Down.parse(one))
    for (const message of messages) {
      if ('id' in message && message.id !== undefined && !this.#ids.has(message.id)) {
        throw new Error(`an answer has an id that nobody sent: ${text}`)
      }
      if (message.type !== 'error') {
        this.outcomes.push(message.type)
        continue
      }
      const { code, retryable } = message.payload
      if (!isErrorCode(code)) throw new Error(`${code} is not in the table of errors`)
      if (ERRORS[code].status >= 500) throw new Error(`the service failed: ${text}`)
      if (ERRORS[code].retryable !== retryable) throw new Error(`${code} says it is ${retryable}`)
      this.#lastError = code
      this.outcomes.push(`error ${code}`)
    }
    return messages
  }

  /**
   * The service has closed the connection.
   * @throws Error where it should not have, so
   */
  closed(code: number): void {
    const isOurs = CLOSES.has(code) || CLOSES_BY_RFC_6455.has(code)
    if (!isOurs && !this.#own(code)) throw new Error(`closed with ${code}`)
    this.outcomes.push(`close ${isOurs ? code : 'returned'}`)
    // ws closes by itself on frames that are broken or too large, and answers a client that leaves.
    if (!isOurs || code < 1003 || code === 1007 || code === 1009) return
    const told = this.#lastError && ERRORS[this.#lastError].close
    if (told !== code) throw new Error(`closed with ${code} after the error ${this.#lastError}`)
  }
}

function idsOf(text: string): string[] {
  try {
    const json: unknown = JSON.parse(text)
    return typeof json === 'object' && json !== null && 'id' in json && typeof json.id === 'string'
      ? [json.id]
      : []
  } catch {
    return []
  }
}
