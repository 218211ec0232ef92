import { checkAnswer, readAnswer } from './http-answers.js'
import { Hearing } from './hearing.js'
import { WireReader } from './web-socket-wire.js'

/** What came on a connection that asked to become a WebSocket. */
export interface SocketEvent {
  kind: 'refused' | 'upgraded' | 'message' | 'closed'
  /** The type of a message. */
  name?: string
  /** The command that it answers. */
  id?: string | undefined
}

export interface SocketReadingOptions {
  /** Of the request. */
  method: string
  /** Texts that are sent, whose ids may stand in answers. */
  sent: readonly string[]
  /** Whether the client may have sent this close code, which then comes back. */
  own?: (code: number) => boolean
}

/** Reads the bytes of a service's end of a handshake and of the WebSocket that follows, and holds them against the contract. */
export class SocketReading {
  readonly #options: SocketReadingOptions
  readonly #hearing: Hearing
  readonly #frames = new WireReader()
  #head = ''
  #upgraded = false

  constructor(options: SocketReadingOptions) {
    this.#options = options
    this.#hearing = new Hearing(options.sent, options.own)
  }

  get outcomes(): string[] {
    return this.#hearing.outcomes
  }

  /** @throws Error for what the contract doesn't know */
  read(chunk: Buffer): SocketEvent[] {
    if (this.#upgraded) return this.#readFrames(chunk)
    this.#head += chunk.toString('latin1')
    const { method } = this.#options
    const found = readAnswer(this.#head, method)
    if (!found) return []
    const { answer, end } = found
    if (answer.status !== 101) {
      // `POST` as no method of ours: an upgrade is no send.
      this.outcomes.push(checkAnswer(answer, { method: method === 'HEAD' ? method : '', path: '' }))
      return [{ kind: 'refused' }]
    }
    this.outcomes.push('101')
    this.#upgraded = true
    return [{ kind: 'upgraded' }, ...this.#readFrames(Buffer.from(this.#head.slice(end), 'latin1'))]
  }

  #readFrames(chunk: Buffer): SocketEvent[] {
    return this.#frames.read(chunk).flatMap(({ opcode, payload }): SocketEvent[] => {
      switch (opcode) {
        case 1:
          return this.#hearing.hear(payload.toString()).map((message) => ({
            kind: 'message',
            name: message.type,
            id: 'id' in message ? message.id : undefined,
          }))
        case 8:
          this.#hearing.closed(payload.length < 2 ? 1005 : payload.readUInt16BE(0))
          return [{ kind: 'closed' }]
        case 9:
        case 10:
          this.outcomes.push(opcode === 9 ? 'frame ping' : 'frame pong')
          return []
        default:
          throw new Error(`the service sent a frame of opcode ${opcode}`)
      }
    })
  }
}
