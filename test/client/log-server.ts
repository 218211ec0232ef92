import * as z from 'zod/mini'
import type { ClientSocket, SocketEvents, SocketRequest } from '../../src/client/environment.js'
import type { Notification } from '../../src/client/frames.js'
import { Up } from '../../src/protocol/up/index.js'
import { notification } from './fake-server.js'

const EPOCH = 'epoch-1'
/** Few, so that it is full at times. */
const WINDOW = 4

const Start = z.object({ cursor: z.optional(z.coerce.number()) })

/** A change of the log, the latest of its notification. */
type Change =
  | { kind: 'notification' | 'updated'; seq: number; copy: Notification }
  | { kind: 'removed'; seq: number; id: string }

/** A service of one user with one device, as far as its log goes: each notification stands in it once, at its latest change. */
export class LogServer {
  readonly #later: (call: () => void) => void
  readonly #acknowledged: (seq: number) => void
  /** By the notification's id. */
  readonly #changes = new Map<string, Change>()
  readonly #sockets = new Set<LogSocket>()
  latest = 0
  #arrived = 0
  #opened = 0
  cursor = 0
  /** What a client did that no client may. */
  readonly faults: string[] = []

  constructor(later: (call: () => void) => void, acknowledged: (seq: number) => void) {
    this.#later = later
    this.#acknowledged = acknowledged
  }

  /** The log, in its order. */
  get changes(): Change[] {
    return [...this.#changes.values()].toSorted((a, b) => a.seq - b.seq)
  }

  get items(): Notification[] {
    return this.changes
      .flatMap((change) => (change.kind === 'removed' ? [] : [change.copy]))
      .toSorted((a, b) => b.arrivedSeq - a.arrivedSeq)
  }

  get counts(): { unread: number; unseen: number } {
    const unread = this.items.filter(({ readAt }) => readAt === null).length
    return { unread, unseen: unread }
  }

  get connections(): number {
    return this.#sockets.size
  }

  arrive(): void {
    const copy = notification(++this.#arrived, { seq: ++this.latest, arrivedSeq: this.latest })
    this.#changes.set(copy.id, { kind: 'notification', seq: copy.seq, copy })
    this.#wake()
  }

  /** Marks one of those that there are. */
  mark(place: number): void {
    const copy = this.items[place % Math.max(1, this.items.length)]
    if (!copy) return
    const readAt = copy.readAt === null ? '2026-11-22T10:00:00.000Z' : null
    const changed = { ...copy, seq: ++this.latest, readAt }
    this.#changes.set(copy.id, { kind: 'updated', seq: changed.seq, copy: changed })
    this.#wake()
  }

  recall(place: number): void {
    const copy = this.items[place % Math.max(1, this.items.length)]
    if (!copy) return
    this.#changes.set(copy.id, { kind: 'removed', seq: ++this.latest, id: copy.id })
    this.#wake()
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.cut()
  }

  /** Refuses the tokens of all connections for good. */
  revoke(): void {
    for (const socket of this.#sockets) socket.revoke()
  }

  open(request: SocketRequest, events: SocketEvents): ClientSocket {
    const { cursor = this.cursor } = Start.parse(Object.fromEntries(request.url.searchParams))
    const connection = `connection-${++this.#opened}`
    const later = (call: () => void): void => this.#later(call)
    const socket: LogSocket = new LogSocket({
      server: this,
      events,
      cursor,
      connection,
      later,
      closed: () => void this.#sockets.delete(socket),
    })
    this.#sockets.add(socket)
    return socket
  }

  acknowledge(seq: number): void {
    if (seq <= this.cursor) return
    this.cursor = seq
    this.#acknowledged(seq)
  }

  getJson(): Promise<{ status: number; body: unknown }> {
    return new Promise((resolve) => {
      this.#later(() => {
        const { items, counts, latest } = this
        const body = { items, nextPage: null, ...counts, latest, epoch: EPOCH }
        this.#later(() => resolve({ status: 200, body }))
      })
    })
  }

  #wake(): void {
    for (const socket of this.#sockets) socket.send()
  }
}

interface LogSocketOptions {
  server: LogServer
  events: SocketEvents
  cursor: number
  connection: string
  later: (call: () => void) => void
  closed: () => void
}

class LogSocket implements ClientSocket {
  readonly #options: LogSocketOptions
  #state: 'opening' | 'open' | 'closed' = 'opening'
  /** The places that were sent and not acknowledged. */
  #unacknowledged: number[] = []
  #sentUpTo: number
  /** Where the log stood at the welcome, until it is passed. */
  #replayUpTo: number | undefined
  #isReplaying = true

  constructor(options: LogSocketOptions) {
    this.#options = options
    this.#sentUpTo = options.cursor
    options.later(() => this.#welcome())
  }

  /** Sends what there is, as far as the window goes. */
  send(text?: string): void {
    if (text !== undefined) {
      this.#options.later(() => this.#hear(text))
      return
    }
    if (this.#state !== 'open') return
    const { server } = this.#options
    for (const change of server.changes) {
      if (change.seq <= this.#sentUpTo) continue
      if (this.#unacknowledged.length >= WINDOW) return
      this.#sentUpTo = change.seq
      this.#unacknowledged.push(change.seq)
      this.#say(this.#frameOf(change))
    }
    if (!this.#isReplaying) return
    this.#isReplaying = false
    this.#sentUpTo = Math.max(this.#sentUpTo, this.#replayUpTo ?? 0)
    this.#say({ type: 'caught_up', payload: { seq: this.#sentUpTo, ...server.counts } })
  }

  close(code: number, reason: string): void {
    this.#end()
    this.#options.later(() => this.#options.events.closed(code, reason))
  }

  abandon(): void {
    this.#end()
  }

  cut(): void {
    this.#end()
    this.#options.later(() => this.#options.events.closed(1006, ''))
  }

  revoke(): void {
    const code = 'token_revoked'
    this.#say({ type: 'error', payload: { code, detail: 'It was revoked.', retryable: false } })
    this.#options.later(() => {
      if (this.#state === 'closed') return
      this.#end()
      this.#options.events.closed(4403, code)
    })
  }

  #welcome(): void {
    if (this.#state !== 'opening') return
    const { server, cursor, connection } = this.#options
    this.#state = 'open'
    if (cursor > server.latest) server.faults.push(`a start at ${cursor} of ${server.latest}`)
    server.acknowledge(cursor)
    this.#replayUpTo = server.latest
    const payload = {
      connection,
      user: 'alice',
      device: 'phone',
      epoch: EPOCH,
      cursor: server.cursor,
      latest: server.latest,
      ...server.counts,
      heartbeatMs: 25_000,
      maxUnacked: WINDOW,
      maxFrameBytes: 16_384,
      tokenExpiresAt: '2027-11-22T10:00:00.000Z',
      serverTime: '2026-11-22T10:00:00.000Z',
    }
    this.#say({ type: 'welcome', payload })
    this.send()
  }

  #hear(text: string): void {
    if (this.#state !== 'open') return
    const { server } = this.#options
    const command = Up.parse(JSON.parse(text))
    if (command.type === 'ping') this.#say({ type: 'pong', payload: {} })
    if (command.type !== 'ack') return
    const { seq } = command.payload
    if (seq > this.#sentUpTo) server.faults.push(`ack_ahead: ${seq} of ${this.#sentUpTo}`)
    this.#unacknowledged = this.#unacknowledged.filter((place) => place > seq)
    server.acknowledge(seq)
    this.send()
  }

  #frameOf(change: Change): unknown {
    const { seq } = change
    const { counts } = this.#options.server
    if (change.kind === 'removed') {
      return { type: 'removed', payload: { seq, id: change.id, reason: 'recalled', ...counts } }
    }
    // The content is told whole where this device may not have it.
    if (change.kind === 'notification' || change.copy.arrivedSeq > this.#options.cursor) {
      const payload = { seq, notification: change.copy, replayed: false, ...counts }
      return { type: 'notification', payload }
    }
    const { id, seenAt, readAt, archivedAt } = change.copy
    return { type: 'updated', payload: { seq, id, seenAt, readAt, archivedAt, ...counts } }
  }

  #say(frame: unknown): void {
    const text = JSON.stringify(frame)
    this.#options.later(() => {
      if (this.#state === 'open') this.#options.events.received(text)
    })
  }

  #end(): void {
    this.#state = 'closed'
    this.#options.closed()
  }
}
