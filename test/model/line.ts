import { TestClient, type ConnectOptions, type DownOf } from '../client.js'
import type { Expected } from './connection.js'
import { within } from './within.js'
import { expectSame, expectTrue } from '../expectations.js'

/** A connection may send 50 commands a second, acknowledgements apart, and a run takes about that long. */
const MAX_COMMANDS = 40

export interface Answer {
  cursor: number | undefined
  code: string | undefined
}

/** The client's end of one connection. */
export class Line {
  readonly #client: TestClient
  /** Whose it is, for messages. */
  readonly #name: string
  #commands = 0

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

  /** Sends a command with an id, and resolves with what answers it. */
  async ask(message: { type: string; payload?: unknown }): Promise<Answer> {
    this.#commands += 1
    const id = `command-${this.#commands}`
    this.#client.send({ ...message, id })
    const answer = await within(
      this.#client.find((message) => 'id' in message && message.id === id),
      `an answer to ${message.type}`,
    )
    return {
      code: answer.type === 'error' ? answer.payload.code : undefined,
      cursor:
        answer.type === 'reply' && 'cursor' in answer.payload ? answer.payload.cursor : undefined,
    }
  }

  /** Sends a frame that nothing is to be heard of. */
  tell(message: unknown): void {
    this.#client.send(message)
  }

  /** Has the model's frames, in its order, and no other: after them a ping is answered at once. */
  async expectAll(expected: readonly Expected[], latest: number): Promise<void> {
    await within(
      this.#client.until(() => this.#entries().length >= expected.length, 'the next entry'),
      () =>
        `${named(expected.slice(this.#entries().length))} to ${this.#name} after ${named(this.#entries())}`,
    )
    await this.#hear()
    expectSame(this.#entries(), expected, `frames of ${this.#name}`)
    this.#expectCounts(latest)
  }

  /** What came is the beginning of what was to come; for connections that ended before all was read. */
  expectBeginning(expected: readonly Expected[]): void {
    const entries = this.#entries()
    expectSame(entries, expected.slice(0, entries.length), `frames of ${this.#name} until its end`)
  }

  /** The highest `seq` that its client has read. */
  get read(): number {
    return Math.max(0, ...this.#client.seqs)
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
  async #hear(): Promise<void> {
    const isFew = this.#commands < MAX_COMMANDS
    await this.ask(isFew ? { type: 'ping' } : { type: 'ack', payload: { seq: 0 } })
  }

  #entries(): Expected[] {
    return this.#client.messages.flatMap((message): Expected[] => {
      switch (message.type) {
        case 'gap':
          return [{ type: 'gap', ...message.payload }]
        case 'caught_up':
          return [{ type: 'caught_up', seq: message.payload.seq }]
        case 'notification': {
          const { seq, replayed, notification } = message.payload
          return [{ type: 'notification', seq, id: notification.id, replayed }]
        }
        case 'welcome':
        case 'reply':
        case 'pong':
        case 'error':
        case 'token_expiring':
          return []
      }
    })
  }

  /** Nothing is read or seen here, so that counts are a length of the log between then and now. */
  #expectCounts(latest: number): void {
    for (const message of this.#client.messages) {
      if (message.type !== 'notification' && message.type !== 'caught_up') continue
      const { seq, unread, unseen } = message.payload
      const replayed = message.type === 'notification' && message.payload.replayed
      expectSame(unseen, unread, 'unseen as unread')
      expectSame(unread === undefined, replayed, 'counts on what is live')
      if (unread === undefined) continue
      expectTrue(seq <= unread && unread <= latest, `${unread} unread, ${seq} of ${latest}`)
    }
  }
}

function named(frames: readonly Expected[]): string {
  const names = frames.map((frame) => (frame.type === 'gap' ? 'gap' : `${frame.type} ${frame.seq}`))
  return names.length === 0 ? 'nothing' : names.join(', ')
}
