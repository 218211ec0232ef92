import { settleStart } from '../../src/inbox/start.js'
import { Down } from '../../src/protocol/down/index.js'
import type { Start } from '../../src/protocol/socket-query.js'
import { SOCKET_LIMITS } from '../../src/socket/limits.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { MemoryLog } from './memory-log.js'

/** Sees each frame as it is handed to the socket, and holds it against what a session may ever say. */
export class SessionWitness {
  readonly #log: MemoryLog
  readonly #maxUnacked: number
  readonly #start: Start
  #welcome: { latest: number; position: number; strayed: boolean } | undefined
  #types: string[] = []
  /** The highest `seq` that was sent, or where the connection started. */
  #last = 0
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
    const acknowledged = Math.max(this.#acknowledged, this.#welcome?.position ?? NaN)
    const full = Math.min(this.#log.contents.length, acknowledged + this.#maxUnacked)
    expectSame(this.#last, Math.max(full, this.#welcome?.position ?? NaN), 'sent as far as can be')
  }

  /** When all was acknowledged: all was sent. */
  expectAll(): void {
    const latest = this.#log.contents.length
    expectSame([this.#last, this.#caughtUp], [latest, true], 'sent up to here, and caught up')
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
    if (messages.some(({ type }) => type === 'notification')) {
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
        this.#seeNotification(message.payload)
        return
      case 'caught_up':
        this.#seeCaughtUp(message.payload.seq)
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
      case 'pong':
      case 'token_expiring':
        throw new Error(`nobody asked for ${message.type}`)
    }
  }

  #seeWelcome({ cursor, latest, epoch }: { cursor: number; latest: number; epoch: string }): void {
    expectSame(this.#types, ['welcome'], 'the welcome is the first')
    // `welcome.cursor` is the stored one after the start; to settle again from there says the same.
    const settled = settleStart(this.#start, { epoch, latest, cursor })
    this.#welcome = { latest, position: settled.position, strayed: settled.strayed }
    this.#last = settled.position
  }

  #expectedGap(): unknown {
    if (!this.#welcome?.strayed) return undefined
    const { position } = this.#welcome
    return { from: position, to: position, reason: 'epoch' }
  }

  #seeNotification(payload: {
    seq: number
    replayed: boolean
    unread?: number | undefined
    unseen?: number | undefined
  }): void {
    const { seq, replayed, unread, unseen } = payload
    const latest = this.#log.contents.length
    const welcomeLatest = this.#welcome?.latest ?? NaN
    expectSame(seq, this.#last + 1, 'the next seq')
    expectTrue(seq <= latest, `${seq} stands in the log`)
    this.#last = seq
    const unacked = seq - Math.max(this.#acknowledged, this.#welcome?.position ?? NaN)
    expectTrue(unacked <= this.#maxUnacked, `${unacked} unacknowledged`)
    expectSame(replayed, seq <= welcomeLatest, `replayed, of ${seq}`)
    expectSame(this.#caughtUp, seq > welcomeLatest, `caught up before ${seq}`)
    expectSame(unread === undefined, replayed, 'counts on what is live')
    expectSame(unseen, unread, 'unseen as unread')
    if (unread !== undefined) expectTrue(seq <= unread && unread <= latest, `${unread} unread`)
  }

  #seeCaughtUp(seq: number): void {
    const { latest = NaN, position = NaN } = this.#welcome ?? {}
    expectSame(this.#caughtUp, false, 'caught up before')
    expectSame([seq, this.#last], [latest, Math.max(position, latest)], 'the place of caught_up')
    this.#caughtUp = true
  }
}
