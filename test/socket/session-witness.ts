import { settleStart } from '../../src/inbox/start.js'
import { Down } from '../../src/protocol/down/index.js'
import { notificationJson, stateJson } from '../../src/protocol/notification.js'
import type { Start } from '../../src/protocol/socket-query.js'
import { SOCKET_LIMITS } from '../../src/socket/limits.js'
import { isEntry, type DownOf, type EntryMessage } from '../client.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { MemoryLog } from './memory-log.js'

/** Sees each frame as it is handed to the socket, and holds it against what a session may ever say. */
export class SessionWitness {
  readonly #log: MemoryLog
  readonly #maxUnacked: number
  readonly #start: Start
  #welcome:
    | {
        latest: number
        position: number
        strayed: boolean
        /** Ids of what the device had acknowledged then. */
        had: ReadonlySet<string>
        /** It starts below the stored cursor. */
        isBelow: boolean
      }
    | undefined
  #types: string[] = []
  /** The highest `seq` that was sent or passed, or where the connection started. */
  #last = 0
  /** Each `seq` that was told. */
  readonly #told: number[] = []
  /** Ids of what was sent whole. */
  readonly #whole = new Set<string>()
  #acknowledged = 0
  #cursor = 0
  #toldCursor = 0
  #caughtUp = false
  /** The `seq` of each acknowledgement without a reply, by its id. */
  readonly #waiting = new Map<string, number>()
  readonly #faults: Error[] = []

  constructor(log: MemoryLog, { maxUnacked, start }: { maxUnacked: number; start: Start }) {
    this.#log = log
    this.#maxUnacked = maxUnacked
    this.#start = start
  }

  get isWelcomed(): boolean {
    return this.#welcome !== undefined
  }

  get last(): number {
    return this.#last
  }

  acknowledging(seq: number, id: string | undefined): void {
    this.#acknowledged = Math.max(this.#acknowledged, seq)
    if (id !== undefined) this.#waiting.set(id, seq)
  }

  /** A frame was handed to the socket, whose buffer held so much before. What is wrong with it, `look` tells. */
  see(text: string, bufferedBytes: number): void {
    try {
      this.#see(text, bufferedBytes)
    } catch (error) {
      // It would be thrown into the session, which would take it for a fault of its own.
      this.#faults.push(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Between two events: nothing was wrong with what was sent, and the stored cursor never moves back. */
  look(): void {
    const [fault] = this.#faults
    if (fault) throw fault
    const cursor = this.#log.cursors.get('phone') ?? 0
    expectTrue(cursor >= this.#cursor, `the cursor went from ${this.#cursor} to ${cursor}`)
    this.#cursor = cursor
  }

  /** When nothing is under way, and the buffer is empty: as much was sent as the window allows. */
  expectFull(): void {
    const rest = this.#log.restingAfter(this.#last)
    expectTrue(
      rest.length === 0 || this.#unacked === this.#maxUnacked,
      `${rest.join()} can be sent`,
    )
  }

  /** When all was acknowledged: all was sent, as it stands. */
  expectAll(): void {
    const { position = NaN } = this.#welcome ?? {}
    const untold = this.#log.restingAfter(position).filter((seq) => !this.#told.includes(seq))
    expectSame([untold, this.#caughtUp], [[], true], 'not told of, and caught up')
  }

  /** When nothing is under way: all that was acknowledged is answered, where it had an id. */
  expectAnswered(): void {
    expectSame([...this.#waiting.keys()].join(', '), '', 'without a reply')
  }

  /** When nothing is under way: all that was acknowledged is stored. */
  expectStored(): void {
    this.look()
    expectTrue(this.#cursor >= this.#acknowledged, `acknowledged ${this.#acknowledged}`)
  }

  #see(text: string, bufferedBytes: number): void {
    const json: unknown = JSON.parse(text)
    const messages = (Array.isArray(json) ? json : [json]).map((message) => Down.parse(message))
    if (messages.some(isEntry)) {
      expectTrue(bufferedBytes <= SOCKET_LIMITS.highWaterBytes, `${bufferedBytes} bytes waited`)
    }
    for (const message of messages) this.#seeOne(message)
  }

  #seeOne(message: Down): void {
    this.#types.push(message.type)
    switch (message.type) {
      case 'welcome':
        this.#seeWelcome(message.payload)
        return
      case 'gap':
        expectSame(this.#types, ['welcome', 'gap'], 'a gap follows the welcome')
        expectSame(message.payload, this.#expectedGap(), 'gap')
        return
      case 'notification':
        this.#seeEntry(message)
        this.#seeWhole(message.payload)
        return
      case 'updated':
        this.#seeEntry(message)
        this.#seeState(message.payload)
        return
      case 'caught_up':
        this.#seeCaughtUp(message.payload)
        return
      case 'reply': {
        const wanted = this.#waiting.get(message.id) ?? Infinity
        const told = 'cursor' in message.payload ? message.payload.cursor : 0
        expectTrue(told >= wanted && told >= this.#toldCursor, `${told} told for ${wanted}`)
        expectTrue(told <= (this.#log.cursors.get('phone') ?? 0), `${told} is stored`)
        this.#toldCursor = told
        this.#waiting.delete(message.id)
        return
      }
      case 'error':
        expectSame(message.payload.code, 'ack_ahead', 'error')
        return
      case 'removed':
      case 'counts':
      case 'ephemeral':
      case 'pong':
      case 'token_expiring':
        throw new Error(`nobody asked for ${message.type}`)
    }
  }

  #seeWelcome({ cursor, latest, epoch }: { cursor: number; latest: number; epoch: string }): void {
    expectSame(this.#types, ['welcome'], 'the welcome is the first')
    // `welcome.cursor` is the stored one after the start; to settle again from there says the same.
    const { position, strayed } = settleStart(this.#start, { epoch, latest, cursor })
    const had = new Set(this.#log.deliveries.get('phone'))
    this.#welcome = { latest, position, strayed, had, isBelow: position < cursor }
    this.#last = position
  }

  #expectedGap(): unknown {
    if (!this.#welcome?.strayed) return undefined
    const { position } = this.#welcome
    return { from: position, to: position, reason: 'epoch' }
  }

  /** What is so of every entry, in whichever form it is told. */
  #seeEntry({ type, payload }: EntryMessage): void {
    const { seq, unread, unseen } = payload
    const { latest: welcomeLatest = NaN } = this.#welcome ?? {}
    expectTrue(seq > this.#last && seq <= this.#log.latest, `${seq} after ${this.#last}`)
    this.#expectNonePassed(seq)
    this.#last = seq
    this.#told.push(seq)
    expectTrue(this.#unacked <= this.#maxUnacked, `${this.#unacked} unacknowledged`)
    const replayed = type === 'notification' ? payload.replayed : unread === undefined
    expectSame(replayed, seq <= welcomeLatest, `replayed, of ${seq}`)
    expectSame(this.#caughtUp, seq > welcomeLatest, `caught up before ${seq}`)
    expectSame(unread === undefined, replayed, 'counts on what is live')
    if (!replayed) this.#expectCounts(seq, { unread, unseen })
  }

  /** Whole: what stood there then. What the device had when it connected needs no second time. */
  #seeWhole({ seq, notification }: DownOf<'notification'>['payload']): void {
    const { id, contentJson, state } = this.#log.at(seq)
    const { position = NaN, had, isBelow } = this.#welcome ?? {}
    expectSame(
      notification,
      JSON.parse(notificationJson(state, contentJson)),
      `what stood at ${seq}`,
    )
    const isHad = had?.has(id) === true && state.arrivedSeq <= position
    expectTrue(isBelow === true || !isHad, `${seq} comes whole, though the device had it`)
    this.#whole.add(id)
  }

  /** The state alone: only of content that this connection was sent, or that the device has acknowledged before. */
  #seeState({ seq, id, seenAt, readAt, archivedAt }: DownOf<'updated'>['payload']): void {
    const { id: stood, state } = this.#log.at(seq)
    const { position = NaN, isBelow } = this.#welcome ?? {}
    const times = { seenAt, readAt, archivedAt }
    expectSame([id, times], [stood, JSON.parse(`{${stateJson(state)}}`)], `what stood at ${seq}`)
    const isDelivered = this.#log.deliveries.get('phone')?.has(id) === true
    const isOld = isDelivered && isBelow === false && state.arrivedSeq <= position
    expectTrue(isOld || this.#whole.has(id), `the content of ${seq}, of which the state is told`)
  }

  #seeCaughtUp({ seq, unread, unseen }: DownOf<'caught_up'>['payload']): void {
    const { latest = NaN } = this.#welcome ?? {}
    expectSame([this.#caughtUp, seq], [false, latest], 'the place of caught_up')
    this.#expectNonePassed(latest + 1)
    this.#expectCounts(latest, { unread, unseen })
    this.#caughtUp = true
    this.#last = Math.max(this.#last, latest)
  }

  /** An entry that was passed has moved on: it comes later. */
  #expectNonePassed(before: number): void {
    const passed = this.#log.restingAfter(this.#last).filter((seq) => seq < before)
    expectSame(passed, [], `passed before ${before}`)
  }

  /** Counts are those of one moment since `seq` was taken. */
  #expectCounts(
    seq: number,
    told: { unread: number | undefined; unseen: number | undefined },
  ): void {
    const moments = seq === 0 ? [{ unread: 0, unseen: 0 }, ...this.#log.history] : this.#log.history
    const fits = moments
      .slice(Math.max(0, seq - 1))
      .some(({ unread, unseen }) => unread === told.unread && unseen === told.unseen)
    expectTrue(fits, `${told.unread} unread and ${told.unseen} unseen since ${seq}`)
  }

  /** Entries that were sent and not acknowledged. */
  get #unacked(): number {
    return this.#told.filter((seq) => seq > this.#acknowledged).length
  }
}
