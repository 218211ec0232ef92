import type { ClientSocket, SocketEvents, SocketRequest } from '../../src/client/environment.js'
import type { Notification } from '../../src/client/frames.js'
import { Up } from '../../src/protocol/up/index.js'
import * as z from 'zod/mini'

const Command = z.intersection(z.object({ id: z.optional(z.string()) }), Up)
type Command = z.infer<typeof Command>

const UUID = '01a205a4-f684-7159-8251-'

/** The id of the notification of this number. */
export function idOf(number: number): string {
  return `${UUID}${number.toString(16).padStart(12, '0')}`
}

/** A notification of this number, at the place of the same number where nothing else is said. */
export function notification(number: number, more: Partial<Notification> = {}): Notification {
  return {
    id: idOf(number),
    seq: number,
    arrivedSeq: number,
    type: 'test',
    title: String(number),
    body: null,
    url: null,
    icon: null,
    data: null,
    priority: 'normal',
    collapseKey: null,
    topic: null,
    sender: 'shop',
    createdAt: '2026-11-22T09:00:00.000Z',
    expiresAt: null,
    seenAt: null,
    readAt: null,
    archivedAt: null,
    ...more,
  }
}

/** A service that does and says what the test tells it to, and nothing else. */
export class FakeServer {
  readonly sockets: FakeSocket[] = []
  /** What `GET /v1/inbox` answers; undefined where the request fails. */
  list: { items: Notification[]; epoch: string; latest: number } | undefined = {
    items: [],
    epoch: 'epoch-1',
    latest: 0,
  }
  /** What `GET /v1/inbox/{id}` answers; 404 where it is neither here nor in the list. */
  readonly entries = new Map<string, Notification>()
  readonly asked: { url: URL; token: string }[] = []
  /** Holds answers back until the test lets them go. */
  gate: Promise<void> = Promise.resolve()

  open(request: SocketRequest, events: SocketEvents): ClientSocket {
    const socket = new FakeSocket(request, events)
    this.sockets.push(socket)
    return socket
  }

  async getJson(
    url: URL,
    token: string,
    signal: AbortSignal,
  ): Promise<{ status: number; body: unknown }> {
    this.asked.push({ url, token })
    const { list } = this
    const entries = new Map(this.entries)
    await this.gate
    signal.throwIfAborted()
    if (!list) throw new Error('no network')
    const id = /^\/v1\/inbox\/(.+)$/.exec(url.pathname)?.[1]
    if (id !== undefined)
      return entryOf(entries.get(id) ?? list.items.find((item) => item.id === id))
    const { epoch, latest } = list
    const from = Number(url.searchParams.get('page') ?? 0)
    const to = from + Number(url.searchParams.get('limit'))
    const items = list.items.slice(from, to)
    const nextPage = to < list.items.length ? String(to) : null
    return { status: 200, body: { items, nextPage, unread: 0, unseen: 0, epoch, latest } }
  }

  /** The newest socket. */
  get last(): FakeSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('no client has come yet')
    return socket
  }
}

function entryOf(entry: Notification | undefined): { status: number; body: unknown } {
  return entry ? { status: 200, body: entry } : { status: 404, body: { code: 'not_found' } }
}

/** The server's side of one socket. */
export class FakeSocket implements ClientSocket {
  readonly request: SocketRequest
  readonly #events: SocketEvents
  readonly received: Command[] = []
  /** Whether it gives signs of life by itself. */
  answersPings = false
  closedWith: { code: number; reason: string } | 'abandoned' | undefined

  constructor(request: SocketRequest, events: SocketEvents) {
    this.request = request
    this.#events = events
  }

  // The client's side.

  send(text: string): void {
    if (this.closedWith) throw new Error('a command came after the end')
    const command = Command.parse(JSON.parse(text))
    this.received.push(command)
    if (command.type === 'ping' && this.answersPings)
      queueMicrotask(() => this.say({ type: 'pong', payload: {} }))
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason }
    this.#events.closed(code, reason)
  }

  abandon(): void {
    this.closedWith ??= 'abandoned'
  }

  // The server's side.

  text(text: string): void {
    this.#events.received(text)
  }

  say(...frames: unknown[]): void {
    this.text(JSON.stringify(frames.length === 1 ? frames[0] : frames))
  }

  welcome(more: Record<string, unknown> = {}): void {
    const payload = {
      connection: 'connection',
      user: 'alice',
      device: 'phone',
      epoch: 'epoch-1',
      cursor: 0,
      latest: 0,
      unread: 0,
      unseen: 0,
      heartbeatMs: 25_000,
      maxUnacked: 512,
      maxFrameBytes: 16_384,
      tokenExpiresAt: '2026-11-23T10:00:00.000Z',
      serverTime: '2026-11-22T10:00:00.000Z',
      ...more,
    }
    this.say({ type: 'welcome', payload })
  }

  /** Sends notifications live, each at its own `seq`. */
  notify(...notifications: Notification[]): void {
    this.say(
      ...notifications.map((notification) => ({
        type: 'notification',
        payload: { seq: notification.seq, notification, replayed: false, unread: 1, unseen: 1 },
      })),
    )
  }

  /** The other side ends it. */
  end(code: number, reason = ''): void {
    this.closedWith = { code, reason }
    this.#events.closed(code, reason)
  }

  get acks(): number[] {
    return this.received.flatMap((command) => (command.type === 'ack' ? [command.payload.seq] : []))
  }

  get types(): string[] {
    return this.received.map(({ type }) => type)
  }

  get query(): Record<string, string> {
    return Object.fromEntries(this.request.url.searchParams)
  }

  /** The newest command of this type. */
  command<Type extends Command['type']>(type: Type): Extract<Command, { type: Type }> {
    const isOfType = (command: Command): command is Extract<Command, { type: Type }> =>
      command.type === type
    const command = this.received.findLast(isOfType)
    if (!command) throw new Error(`no ${type} has come`)
    return command
  }
}
