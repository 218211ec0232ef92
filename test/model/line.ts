import { expect } from 'vitest'
import { TestClient, type ConnectOptions, type DownOf } from '../client.js'
import { MAX_UNACKED, type Expected } from './connection.js'
import { within } from './within.js'

export interface Answer {
  cursor: number | undefined
  code: string | undefined
}

/** The client's end of one connection. */
export class Line {
  readonly #client: TestClient
  #commands = 0

  private constructor(client: TestClient) {
    this.#client = client
  }

  static async connect(url: string, options: ConnectOptions): Promise<Line> {
    return new Line(await within(TestClient.connect(url, options), 'a handshake'))
  }

  async welcome(): Promise<DownOf<'welcome'>['payload']> {
    const { payload } = await within(this.#client.first('welcome'), 'a welcome')
    expect(this.#client.messages[0]?.type).toBe('welcome')
    expect(payload).toMatchObject({ maxUnacked: MAX_UNACKED })
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
      () => `${expected.length} frames, not ${this.#entries().length}: ${this.#summary(expected)}`,
    )
    await this.ask({ type: 'ping' })
    expect(this.#entries()).toEqual(expected)
    this.#expectCounts(latest)
  }

  /** What came is the beginning of what was to come; for connections that ended before all was read. */
  expectBeginning(expected: readonly Expected[]): void {
    const entries = this.#entries()
    expect(entries).toEqual(expected.slice(0, entries.length))
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

  #summary(expected: readonly Expected[]): string {
    const say = (frames: readonly Expected[]) =>
      frames
        .map((frame) => (frame.type === 'gap' ? 'gap' : `${frame.type} ${frame.seq}`))
        .join(', ')
    return `came ${say(this.#entries())}; were to come ${say(expected)}`
  }

  /** Nothing is read or seen here, so that counts are a length of the log between then and now. */
  #expectCounts(latest: number): void {
    for (const message of this.#client.messages) {
      if (message.type !== 'notification' && message.type !== 'caught_up') continue
      const { seq, unread, unseen } = message.payload
      const replayed = message.type === 'notification' && message.payload.replayed
      expect(unseen).toBe(unread)
      expect(unread === undefined).toBe(replayed)
      if (unread === undefined) continue
      expect(unread).toBeGreaterThanOrEqual(seq)
      expect(unread).toBeLessThanOrEqual(latest)
    }
  }
}
