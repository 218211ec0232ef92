import type { ConnectionOptions } from 'node:tls'
import { WebSocket } from 'ws'
import { Down } from '../src/protocol/down/index.js'
import { MarkResult, type MarkPayload } from '../src/protocol/mark.js'
import { SUBPROTOCOL } from '../src/protocol/version.js'

export type DownOf<Type extends Down['type']> = Extract<Down, { type: Type }>

/** What tells of an entry of the log. */
export type EntryMessage = DownOf<'notification' | 'updated' | 'removed'>

export function isEntry(message: Down): message is EntryMessage {
  const { type } = message
  return type === 'notification' || type === 'updated' || type === 'removed'
}

export interface ConnectOptions {
  token?: string
  /** How the token travels. */
  credential?: 'header' | 'subprotocol' | 'first-message' | 'none'
  device?: string | undefined
  query?: Record<string, string>
  headers?: Record<string, string>
  /** The subprotocols that it offers, in place of those that the credential asks for. */
  protocols?: string[]
  /** Whom it trusts over TLS. */
  tls?: ConnectionOptions
  /** Whether it answers the protocol's pings, as every WebSocket does by itself. */
  autoPong?: boolean
  /** Whether each entry is acknowledged as it comes. */
  acknowledges?: boolean
  /** Called with each message as it comes. */
  onMessage?: (message: Down) => void
}

/** A plain `ws` client that keeps every frame, parsed, and lets a test wait for what it expects. */
export class TestClient {
  readonly socket: WebSocket
  /** Every message that came, those of arrays one by one, in order. */
  readonly messages: Down[] = []
  /** The texts as they came. */
  readonly frames: string[] = []
  /** Resolves when the connection is over. */
  readonly closed: Promise<{ code: number; reason: string }>
  #arrived: (() => void)[] = []
  #ended: { code: number; reason: string } | undefined

  private constructor(
    socket: WebSocket,
    { acknowledges = false, onMessage = () => undefined }: ConnectOptions,
  ) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        this.#ended = { code, reason: reason.toString() }
        resolve(this.#ended)
        this.#tell()
      })
    })
    socket.on('error', () => undefined)
    socket.on('message', (data: Buffer) => {
      const text = data.toString()
      this.frames.push(text)
      const json: unknown = JSON.parse(text)
      for (const message of Array.isArray(json) ? json : [json]) {
        const parsed = Down.parse(message)
        this.messages.push(parsed)
        if (acknowledges && isEntry(parsed)) this.acknowledge(parsed.payload.seq)
        onMessage(parsed)
      }
      this.#tell()
    })
  }

  /** Opens a connection; resolves when the handshake is done, rejects where it is refused. */
  static async connect(url: string, options: ConnectOptions): Promise<TestClient> {
    const { token, credential = 'header', device, query = {}, headers = {} } = options
    const { autoPong = true } = options
    const address = new URL('/v1/socket', url.replace(/^http/, 'ws'))
    if (device !== undefined) address.searchParams.set('device', device)
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value)
    const entries = credential === 'subprotocol' ? [`bearer.${token}`] : []
    const { protocols = [SUBPROTOCOL, ...entries] } = options
    const socket = new WebSocket(address, protocols, {
      autoPong,
      ...options.tls,
      headers: { ...(credential === 'header' && { authorization: `Bearer ${token}` }), ...headers },
    })
    const client = new TestClient(socket, options)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', reject)
    })
    if (credential === 'first-message') client.send({ type: 'authenticate', payload: { token } })
    return client
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message))
  }

  acknowledge(seq: number, id?: string): void {
    this.send({ type: 'ack', ...(id !== undefined && { id }), payload: { seq } })
  }

  /** Acknowledges, and resolves when the service says that it is on disk. */
  async acknowledgeAndWait(seq: number): Promise<void> {
    const id = `ack-${seq}`
    this.acknowledge(seq, id)
    await this.find((message) => message.type === 'reply' && message.id === id)
  }

  /** Marks entries, and resolves with the result. */
  async mark(payload: MarkPayload, id = `mark-${this.messages.length}`): Promise<MarkResult> {
    this.send({ type: 'mark', id, payload })
    const reply = await this.find((message) => message.type === 'reply' && message.id === id)
    return MarkResult.parse(reply.type === 'reply' && reply.payload)
  }

  /** Every message of a type that has come. */
  all<Type extends Down['type']>(type: Type): DownOf<Type>[] {
    return this.messages.filter((message): message is DownOf<Type> => message.type === type)
  }

  /** The first message of a type, when it has come. */
  async first<Type extends Down['type']>(type: Type): Promise<DownOf<Type>> {
    await this.until(() => this.all(type).length > 0, `a ${type}`)
    const [message] = this.all(type)
    if (!message) throw new Error('a message that came is gone')
    return message
  }

  /** The first message that fits, when it has come. */
  async find(fits: (message: Down) => boolean): Promise<Down> {
    await this.until(() => this.messages.some(fits), 'a message that fits')
    const found = this.messages.find(fits)
    if (!found) throw new Error('a message that came is gone')
    return found
  }

  /** Titles and sequence numbers of the notifications that have come. */
  get titles(): string[] {
    return this.all('notification').map(({ payload }) => payload.notification.title ?? '')
  }

  get seqs(): number[] {
    return this.all('notification').map(({ payload }) => payload.seq)
  }

  /** Every entry of the log that has come, whole, as a change of state or as a removal, in order. */
  get entries(): EntryMessage[] {
    return this.messages.filter(isEntry)
  }

  /** The codes of the errors that have come. */
  get errors(): string[] {
    return this.all('error').map(({ payload }) => payload.code)
  }

  /** Resolves when the service has answered a ping: whatever was sent before has been dealt with. */
  async settled(id = `settled-${this.messages.length}`): Promise<void> {
    this.send({ type: 'ping', id })
    await this.find((message) => message.type === 'pong' && message.id === id)
  }

  /** Resolves when `count` notifications have come. */
  async received(count: number): Promise<DownOf<'notification'>[]> {
    await this.until(
      () => this.all('notification').length >= count,
      `${count} notifications, not ${this.all('notification').length}`,
    )
    return this.all('notification')
  }

  /** Resolves when the entry that stands at `seq` has come. */
  async reached(seq: number): Promise<EntryMessage> {
    await this.until(() => this.entries.some(({ payload }) => payload.seq === seq), `#${seq}`)
    const found = this.entries.find(({ payload }) => payload.seq === seq)
    if (!found) throw new Error('a message that came is gone')
    return found
  }

  /** Resolves when a condition on what has come holds; rejects when the connection ends first. */
  async until(holds: () => boolean, expectation: string): Promise<void> {
    while (!holds()) {
      if (this.#ended) {
        const { code, reason } = this.#ended
        throw new Error(`closed ${code} ${reason} while waiting for ${expectation}`)
      }
      await new Promise<void>((resolve) => this.#arrived.push(resolve))
    }
  }

  /** Says goodbye and resolves when the connection is over. */
  async close(): Promise<void> {
    this.socket.close(1000)
    await this.closed
  }

  /** Cuts the connection as a lost network does: no goodbye. */
  async cut(): Promise<void> {
    this.socket.terminate()
    await this.closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cut()
  }

  #tell(): void {
    const waiting = this.#arrived
    this.#arrived = []
    for (const arrived of waiting) arrived()
  }
}
