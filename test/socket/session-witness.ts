import { settleStart } from '../../src/inbox/start.js'
import { Down } from '../../src/protocol/down/index.js'
import { notificationJson, stateJson } from '../../src/protocol/notification.js'
import type { Start } from '../../src/protocol/socket-query.js'
import { SOCKET_LIMITS } from '../../src/socket/limits.js'
import type { DownOf } from '../client.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { MemoryLog } from './memory-log.js'
import { SessionAcknowledgements } from './session-acknowledgements.js'
import { SessionClient } from './session-client.js'
import {
  expectCounts,
  expectGapsBefore,
  expectNonePassed,
  isEntry,
  note,
  type EntryMessage,
  type Passed,
} from './session-rules.js'

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
  #client: SessionClient | undefined
  /** What `gap` said to be gone, each from and to. */
  readonly #gaps: [number, number][] = []
  /** The highest `seq` that was sent or passed, or where the connection started. */
  #last = 0
  /** Each `seq` that was told. */
  readonly #told: number[] = []
  /** Ids of what was sent whole. */
  readonly #whole = new Set<string>()
  readonly #acknowledgements: SessionAcknowledgements
  #caughtUp = false
  readonly #faults: Error[] = []

  constructor(log: MemoryLog, { maxUnacked, start }: { maxUnacked: number; start: Start }) {
    this.#log = log
    this.#acknowledgements = new SessionAcknowledgements(log)
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
    this.#acknowledgements.acknowledging(seq, id)
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
    this.#acknowledgements.look()
  }

  /** When nothing is under way, and the buffer is empty: as much was sent as the window allows. */
  expectFull(): void {
    const rest = this.#log.restingAfter(this.#last).filter((seq) => !this.#log.hasExpired(seq))
    expectTrue(
      rest.length === 0 || this.#unacked === this.#maxUnacked,
      `${rest.join()} can be sent`,
    )
  }

  /** When all was acknowledged, and nothing expired is left: all was sent, as it stands, and is held so. */
  expectAll({ counts }: { counts: boolean }): void {
    const { position = NaN } = this.#welcome ?? {}
    const untold = this.#log.restingAfter(position).filter((seq) => !this.#told.includes(seq))
    expectSame([untold, this.#caughtUp], [[], true], 'not told of, and caught up')
    expectGapsBefore(this.#log, this.#passed, Infinity)
    expectSame(this.#client?.faults(position).join('; '), '', 'what a client holds')
    if (counts) expectSame(this.#client?.counts, this.#log.counts, 'counts as last told')
  }

  /** When nothing is under way: all that was acknowledged is answered, where it had an id. */
  expectAnswered(): void {
    this.#acknowledgements.expectAnswered()
  }

  /** When nothing is under way: all that was acknowledged is stored. */
  expectStored(): void {
    this.look()
    this.#acknowledgements.expectStored()
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
    this.#seeKind(message)
    this.#client?.hear(message)
    note(message.type)
  }

  #seeKind(message: Down): void {
    switch (message.type) {
      case 'welcome':
        this.#seeWelcome(message.payload)
        return
      case 'gap':
        if (message.payload.reason === 'epoch') this.#seeStray(message.payload)
        else this.#seeGap(message.payload)
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
      case 'reply':
        this.#acknowledgements.seeReply(message)
        return
      case 'error':
        expectSame(message.payload.code, 'ack_ahead', 'error')
        return
      case 'removed':
        this.#seeEntry(message)
        this.#seeRemoval(message.payload)
        return
      case 'counts':
        expectTrue(this.#caughtUp, 'what replays is told the counts when it has caught up')
        expectCounts(this.#log, this.#last, message.payload)
        return
      case 'ephemeral':
      case 'pong':
      case 'token_expiring':
      case 'draining':
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
    this.#client = new SessionClient(this.#log, { had, position })
  }

  #seeStray(gap: DownOf<'gap'>['payload']): void {
    expectSame(this.#types, ['welcome', 'gap'], 'it follows the welcome')
    const { strayed, position } = this.#welcome ?? {}
    expectSame([strayed, gap.from, gap.to], [true, position, position], 'gap')
  }

  /** Retention has removed what this connection was not told of, and all that still stands there comes. */
  #seeGap({ from, to }: DownOf<'gap'>['payload']): void {
    // It may have passed places where nothing stands any more, and `caught_up` may have.
    const { position = NaN } = this.#welcome ?? {}
    const lowest = Math.max(position, this.#told.at(-1) ?? 0, this.#gaps.at(-1)?.[1] ?? 0)
    expectTrue(lowest <= from && from < to, `a gap from ${from} to ${to} after ${lowest}`)
    expectTrue(this.#log.trimmed.has(to), `what stood at ${to} was removed`)
    expectNonePassed(this.#log, this.#last, to + 1)
    this.#gaps.push([from, to])
    this.#last = Math.max(this.#last, to)
  }

  /** What is so of every entry, in whichever form it is told. */
  #seeEntry({ type, payload }: EntryMessage): void {
    const { seq, unread, unseen } = payload
    const { latest: welcomeLatest = NaN } = this.#welcome ?? {}
    expectTrue(seq > this.#last && seq <= this.#log.latest, `${seq} after ${this.#last}`)
    expectNonePassed(this.#log, this.#last, seq)
    this.#last = seq
    this.#told.push(seq)
    expectTrue(this.#unacked <= this.#maxUnacked, `${this.#unacked} unacknowledged`)
    const replayed = type === 'notification' ? payload.replayed : unread === undefined
    expectSame(replayed, seq <= welcomeLatest, `replayed, of ${seq}`)
    expectSame(this.#caughtUp, seq > welcomeLatest, `caught up before ${seq}`)
    expectGapsBefore(this.#log, this.#passed, seq)
    expectSame(unread === undefined, replayed, 'counts on what is live')
    if (!replayed) expectCounts(this.#log, seq, { unread, unseen })
  }

  /** Whole: what stood there then. What the device had when it connected needs no second time. */
  #seeWhole({ seq, notification }: DownOf<'notification'>['payload']): void {
    const { id, contentJson, state, removed } = this.#log.at(seq)
    const { position = NaN, had, isBelow } = this.#welcome ?? {}
    expectSame(removed, undefined, `${seq} is no tombstone`)
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
    const { id: stood, state, removed } = this.#log.at(seq)
    expectSame(removed, undefined, `${seq} is no tombstone`)
    const { position = NaN, isBelow } = this.#welcome ?? {}
    const times = { seenAt, readAt, archivedAt }
    expectSame([id, times], [stood, JSON.parse(`{${stateJson(state)}}`)], `what stood at ${seq}`)
    const isDelivered = this.#log.deliveries.get('phone')?.has(id) === true
    const isOld = isDelivered && isBelow === false && state.arrivedSeq <= position
    expectTrue(isOld || this.#whole.has(id), `the content of ${seq}, of which the state is told`)
  }

  #seeRemoval({ seq, id, collapseKey, reason }: DownOf<'removed'>['payload']): void {
    const { id: stood, collapseKey: key, removed } = this.#log.at(seq)
    expectSame([id, collapseKey ?? null, reason], [stood, key, removed], `what stood at ${seq}`)
    note(`removed as ${reason}`)
  }

  #seeCaughtUp({ seq, unread, unseen }: DownOf<'caught_up'>['payload']): void {
    const { latest = NaN } = this.#welcome ?? {}
    expectSame([this.#caughtUp, seq], [false, latest], 'the place of caught_up')
    expectNonePassed(this.#log, this.#last, latest + 1)
    expectCounts(this.#log, latest, { unread, unseen })
    this.#caughtUp = true
    this.#last = Math.max(this.#last, latest)
  }

  get #passed(): Passed {
    const { position = NaN } = this.#welcome ?? {}
    return { position, told: this.#told, gaps: this.#gaps }
  }

  /** Entries that were sent and not acknowledged. */
  get #unacked(): number {
    return this.#told.filter((seq) => seq > this.#acknowledgements.acknowledged).length
  }
}
