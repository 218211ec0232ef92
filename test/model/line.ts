import type { MarkResult } from '../../src/protocol/mark.js'
import { TestClient, type ConnectOptions, type DownOf } from '../client.js'
import type { ModelConnection } from './connection.js'
import { isEntryEvent } from './entry-event.js'
import { within } from './within.js'
import { expectSame } from '../expectations.js'

/** A connection may send 50 commands a second, acknowledgements apart, and a run takes about that long. */
const MAX_COMMANDS = 40

export interface Answer {
  /** Of an acknowledgement. */
  cursor: number | undefined
  /** Of a mark. */
  result: MarkResult | undefined
  /** Of an error. */
  code: string | undefined
}

/** The client's end of one connection. */
export class Line {
  readonly #client: TestClient
  /** Whose it is, for messages. */
  readonly #name: string
  #commands = 0
  /** Messages that the model has heard of. */
  #heard = 0

  private constructor(client: TestClient, name: string) {
    this.#client = client
    this.#name = name
  }

  static async connect(url: string, name: string, options: ConnectOptions): Promise<Line> {
    return new Line(await within(TestClient.connect(url, options), `a handshake of ${name}`), name)
  }

  async welcome(): Promise<DownOf<'welcome'>['payload']> {
    const { payload } = await within(this.#client.first('welcome'), 'a welcome')
    expectSame(this.#client.messages[0]?.type, 'welcome', 'first message')
    return payload
  }

  /** Whether one more command is surely not one too many. */
  get mayAsk(): boolean {
    return this.#commands < MAX_COMMANDS
  }

  /** Sends a command with an id, and resolves with what answers it. */
  async ask(message: { type: string; payload?: unknown }): Promise<Answer> {
    this.#commands += 1
    const id = `command-${this.#commands}`
    this.#client.send({ ...message, id })
    const answer = await within(
      this.#client.find((message) => 'id' in message && message.id === id),
      `an answer to ${message.type}`,
    )
    const none = { cursor: undefined, result: undefined, code: undefined }
    if (answer.type === 'error') return { ...none, code: answer.payload.code }
    if (answer.type !== 'reply') return none
    const { payload } = answer
    if ('cursor' in payload) return { ...none, cursor: payload.cursor }
    return 'updated' in payload ? { ...none, result: payload } : none
  }

  /** Sends a frame that nothing is to be heard of. */
  tell(message: unknown): void {
    this.#client.send(message)
  }

  /** Has all that the model's connection must have, and nothing that it may not: after that a ping is answered at once. */
  async expectAll(connection: ModelConnection): Promise<void> {
    const isDone = (): boolean => {
      this.hear(connection)
      return connection.due === undefined
    }
    await within(
      this.#client.until(isDone, 'what is due'),
      () => `${connection.due} to ${this.#name}`,
    )
    await this.#settle()
    this.hear(connection)
    connection.settled()
  }

  /** What has come since the last time may come to the model's connection; for one that has ended, it is all. */
  hear(connection: ModelConnection): void {
    const { messages } = this.#client
    for (; this.#heard < messages.length; this.#heard++) {
      const message = messages[this.#heard]
      if (message) connection.hear(message)
    }
  }

  /** The highest `seq` that its client has read. */
  get read(): number {
    return Math.max(
      0,
      ...this.#client.messages.filter(isEntryEvent).map(({ payload }) => payload.seq),
    )
  }

  /** The code of the last error that came. */
  get lastError(): string | undefined {
    return this.#client.errors.at(-1)
  }

  pause(): void {
    this.#client.socket.pause()
  }

  resume(): void {
    this.#client.socket.resume()
  }

  async close(): Promise<number> {
    await within(this.#client.close(), 'the end of a connection')
    return (await this.#client.closed).code
  }

  /** Cuts it without goodbye. A socket that is paused would never tell of its end. */
  async cut(): Promise<void> {
    this.#client.socket.terminate()
    this.resume()
    await within(this.#client.closed, 'the end of a connection')
  }

  /** How the other side ended it. */
  async ended(): Promise<number> {
    this.resume()
    return (await within(this.#client.closed, 'the end of a connection')).code
  }

  /** Has what was sent before. A ping asks for that; where they would be too many, an acknowledgement of nothing. */
  async #settle(): Promise<void> {
    await this.ask(this.mayAsk ? { type: 'ping' } : { type: 'ack', payload: { seq: 0 } })
  }
}
