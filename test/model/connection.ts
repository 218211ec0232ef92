import type { DownOf } from '../client.js'
import type { Down } from '../../src/protocol/down/index.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { ModelDevice } from './device.js'
import { idOf, isEntryEvent, type EntryEvent } from './entry-event.js'
import type { ModelLog, Standing } from './log.js'
import type { UserName } from './names.js'
import { isSame, stateOf } from './state.js'
import { note } from './step.js'

/** Entries that a connection of the service under test may be sent and not yet have acknowledged. */
export const MAX_UNACKED = 3

/**
 * One socket of a device, as the contract has it: hears what came, says whether it may, and whether more must. An entry
 * that moves while it waits may be told at either place; one that had moved before all was last heard, at the new one alone.
 */
export class ModelConnection {
  readonly user: UserName
  readonly deviceName: string
  /** Its client reads nothing for now. */
  paused = false
  /** Frames that were not understood; the tenth within a minute would close it. */
  badFrames = 0
  readonly #device: ModelDevice
  readonly #log: ModelLog
  readonly #start: { position: number; isBelow: boolean; latest: number }
  /** Ids of what the device surely had when this connection began. */
  readonly #had: ReadonlySet<string>
  /** Ids of what this connection was sent whole. */
  readonly #whole = new Set<string>()
  #strayDue: boolean
  /** All up to here was told or passed. */
  #position: number
  /** It was surely sent all up to here. */
  #lowest: number
  /** The counts as last told; undefined where only a list tells them. */
  #counts: { unread: number; unseen: number } | undefined
  #unacked: number[] = []
  #acknowledgeable: number
  #caughtUp = false
  /** The version of the log when all that there was had last been heard. */
  #settledAt: number

  constructor(options: {
    user: UserName
    deviceName: string
    device: ModelDevice
    log: ModelLog
    welcome: { cursor: number; latest: number }
    start: { position: number; strayed: boolean }
    /** Of the log, before it was opened. */
    version: number
  }) {
    const { welcome, start, device, log } = options
    const { position } = start
    this.user = options.user
    this.deviceName = options.deviceName
    this.#device = device
    this.#log = log
    this.#start = { position, isBelow: position < welcome.cursor, latest: welcome.latest }
    this.#strayDue = start.strayed
    this.#settledAt = options.version
    this.#position = position
    this.#lowest = position
    this.#acknowledgeable = Math.max(welcome.cursor, position)
    const had = log.living.filter((entry) => !this.#forms(entry).includes('notification'))
    this.#had = new Set(had.map(({ id }) => id))
  }

  /** The highest `seq` that it may acknowledge. */
  get acknowledgeable(): number {
    return this.#acknowledgeable
  }

  /** What it must still be told of before all is as it should be; undefined where nothing is. */
  get due(): string | undefined {
    if (this.#strayDue) return 'a gap'
    const { latest } = this.#start
    // With a full window nothing is read: that what stood before `latest` has moved on is seen when there is room again.
    const hasRoom = this.#unacked.length < MAX_UNACKED
    const position = Math.max(this.#position, hasRoom ? this.#log.horizon : 0)
    const [next] = this.#log.restingAfter(position)
    const isPassed = position >= latest || (hasRoom && (next?.seq ?? Infinity) > latest)
    if (!this.#caughtUp && isPassed) return 'caught_up'
    if (!hasRoom) return undefined
    if (this.#position < this.#log.horizon) return `a gap to ${this.#log.horizon}`
    if (next) return `${next.seq}`
    const { unread, unseen } = this.#log.counts
    const isTold = this.#counts?.unread === unread && this.#counts.unseen === unseen
    return this.#counts === undefined || isTold ? undefined : `${unread} unread, ${unseen} unseen`
  }

  /** A message came: it is one that may come here. */
  hear(message: Down): void {
    note(message.type === 'removed' ? `removed as ${message.payload.reason}` : message.type)
    if (isEntryEvent(message)) this.#hearEntry(message)
    if (message.type === 'caught_up') this.#hearCaughtUp(message)
    if (message.type === 'gap') this.#hearGap(message.payload)
    if (message.type === 'counts') {
      const { unread, unseen } = message.payload
      expectTrue(this.#caughtUp && this.#log.had({ unread, unseen }, this.#position), 'counts')
      this.#counts = { unread, unseen }
    }
    this.#device.copies.hear(message)
  }

  /** All that there is has been heard: what has moved by now is told at its new place alone. */
  settled(): void {
    this.#settledAt = this.#log.version
  }

  acknowledge(seq: number): void {
    this.#unacked = this.#unacked.filter((sent) => sent > seq)
  }

  #hearGap(gap: DownOf<'gap'>['payload']): void {
    const { from, to, reason } = gap
    if (reason === 'epoch') {
      const { position } = this.#start
      expectSame([this.#strayDue, from, to], [true, position, position], 'gap of another epoch')
      this.#strayDue = false
      return
    }
    expectTrue(from < to && this.#log.trimmed.includes(to), `a gap from ${from} to ${to}`)
    expectTrue(this.#lowest <= from && this.#position < to, `a gap from ${from} to ${to}`)
    this.#pass(to + 1, from)
    this.#position = to
    this.#lowest = to
    this.#acknowledgeable = Math.max(this.#acknowledgeable, to)
    // It lists the inbox again, and the list tells the counts.
    this.#counts = undefined
  }

  #hearEntry(message: EntryEvent): void {
    const { type, payload } = message
    const { seq, unread, unseen } = payload
    const standing = this.#log.at(seq)
    expectTrue(standing !== undefined && seq > this.#position, `${seq} after ${this.#position}`)
    if (!standing) return
    const { gone = Infinity } = standing
    expectTrue(gone > this.#settledAt, `${seq}, where nothing stood any more when all was told`)
    this.#pass(seq, seq)
    this.#position = seq
    this.#lowest = seq
    this.#unacked.push(seq)
    expectTrue(this.#unacked.length <= MAX_UNACKED, `${this.#unacked.join()} in the window`)
    this.#acknowledgeable = Math.max(this.#acknowledgeable, seq)
    expectSame(idOf(message), standing.id, `what stands at ${seq}`)
    const isLive = seq > this.#start.latest
    const told = [unread !== undefined, this.#caughtUp]
    expectSame(told, [isLive, isLive], `live and caught up, ${seq}`)
    if (isLive) expectTrue(this.#log.had({ unread, unseen }, seq), `counts of ${seq}`)
    if (unread !== undefined && unseen !== undefined) this.#counts = { unread, unseen }
    if (type === 'removed') {
      const { reason, collapseKey = null } = payload
      expectSame([reason, collapseKey], [standing.removed, standing.collapseKey], `end of ${seq}`)
      return
    }
    const times = type === 'notification' ? payload.notification : payload
    expectSame(standing.removed, undefined, `${seq}, whether it was removed`)
    expectTrue(isSame(stateOf(times), standing.state), `the state of ${seq}`)
    if (type === 'notification') this.#hearWhole(payload, standing)
    else {
      const may = this.#whole.has(standing.id) || this.#forms(standing).includes('updated')
      expectTrue(may, `${seq} whole, since the device has it not`)
    }
  }

  #hearWhole(
    { replayed, seq, notification }: DownOf<'notification'>['payload'],
    { id, arrivedSeq, collapseKey }: Standing,
  ): void {
    const isLive = seq > this.#start.latest
    const expected = { replayed: !isLive, seq, arrivedSeq, collapseKey }
    const { seq: saidSeq, arrivedSeq: saidArrived, collapseKey: saidKey } = notification
    const said = { replayed, seq: saidSeq, arrivedSeq: saidArrived, collapseKey: saidKey }
    expectSame(said, expected, `${seq} whole`)
    expectTrue(!this.#had.has(id), `${seq} by its state, since the device has it`)
    this.#whole.add(id)
  }

  #hearCaughtUp({ payload }: DownOf<'caught_up'>): void {
    const { latest } = this.#start
    expectSame([this.#caughtUp, payload.seq], [false, latest], 'caught_up')
    this.#pass(latest + 1, latest + 1)
    expectTrue(this.#log.had(payload, latest), 'counts of caught_up')
    this.#counts = payload
    this.#position = Math.max(this.#position, this.#start.position, latest)
    this.#acknowledgeable = Math.max(this.#acknowledgeable, latest)
    this.#caughtUp = true
  }

  /** All that still stands before `seq` was told, and all that retention took before `told` too, or in a gap. */
  #pass(seq: number, told: number): void {
    const passed = this.#log.restingAfter(this.#position).filter((entry) => entry.seq < seq)
    const silent = this.#log.trimmed.filter((gone) => gone > this.#position && gone < told)
    expectSame([passed, silent], [[], []], `passed on the way to ${seq}`)
  }

  #forms(entry: { id: string; arrivedSeq: number }): ('notification' | 'updated')[] {
    const { position, isBelow } = this.#start
    return this.#device.forms(entry, position, () => isBelow)
  }
}
