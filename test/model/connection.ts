import { isEntry, type DownOf, type EntryMessage } from '../client.js'
import type { Down } from '../../src/protocol/down/index.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { ModelDevice } from './device.js'
import { isSame, type ModelLog } from './log.js'
import type { UserName } from './names.js'
import { stateOf } from './state.js'

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
  #gapDue: boolean
  /** All up to here was told or passed. */
  #position: number
  #unacked: number[] = []
  #acknowledgeable: number
  #caughtUp = false
  /** How far the log reached when all that there was had last been heard. */
  #settledAt: number

  constructor(options: {
    user: UserName
    deviceName: string
    device: ModelDevice
    log: ModelLog
    welcome: { cursor: number; latest: number }
    start: { position: number; strayed: boolean }
  }) {
    const { welcome, start, device, log } = options
    const { position } = start
    this.user = options.user
    this.deviceName = options.deviceName
    this.#device = device
    this.#log = log
    this.#start = { position, isBelow: position < welcome.cursor, latest: welcome.latest }
    this.#gapDue = start.strayed
    this.#settledAt = welcome.latest
    this.#position = position
    this.#acknowledgeable = Math.max(welcome.cursor, position)
    const had = log.entries.filter((entry) => !this.#forms(entry).includes('notification'))
    this.#had = new Set(had.map(({ id }) => id))
  }

  /** The highest `seq` that it may acknowledge. */
  get acknowledgeable(): number {
    return this.#acknowledgeable
  }

  /** What it must still be told of before all is as it should be; undefined where nothing is. */
  get due(): string | undefined {
    if (this.#gapDue) return 'a gap'
    const { latest } = this.#start
    const [next] = this.#log.restingAfter(this.#position)
    // With a full window nothing is read: that what stood before `latest` has moved on is seen when there is room again.
    const hasRoom = this.#unacked.length < MAX_UNACKED
    const isPassed = this.#position >= latest || (hasRoom && (next?.seq ?? Infinity) > latest)
    if (!this.#caughtUp && isPassed) return 'caught_up'
    return next && hasRoom ? `${next.seq}` : undefined
  }

  /** A message came: it is one that may come here. */
  hear(message: Down): void {
    if (isEntry(message)) return this.#hearEntry(message)
    if (message.type === 'caught_up') return this.#hearCaughtUp(message)
    if (message.type !== 'gap') return
    const { position } = this.#start
    const gap = { from: position, to: position, reason: 'epoch' }
    expectSame([this.#gapDue, message.payload], [true, gap], 'gap')
    this.#gapDue = false
  }

  /** All that there is has been heard: what has moved by now is told at its new place alone. */
  settled(): void {
    this.#settledAt = this.#log.latest
  }

  acknowledge(seq: number): void {
    this.#unacked = this.#unacked.filter((sent) => sent > seq)
  }

  #hearEntry(message: EntryMessage): void {
    const { type, payload } = message
    const { seq, unread, unseen } = payload
    const standing = this.#log.at(seq)
    expectTrue(standing !== undefined && seq > this.#position, `${seq} after ${this.#position}`)
    if (!standing) return
    const { movedTo = Infinity } = standing
    expectTrue(movedTo > this.#settledAt, `${seq}, from where it had moved to ${movedTo}`)
    this.#pass(seq)
    this.#unacked.push(seq)
    expectTrue(this.#unacked.length <= MAX_UNACKED, `${this.#unacked.join()} in the window`)
    this.#acknowledgeable = Math.max(this.#acknowledgeable, seq)
    const told = type === 'notification' ? payload.notification : payload
    expectSame(told.id, standing.id, `what stands at ${seq}`)
    expectTrue(isSame(stateOf(told), standing.state), `the state of ${seq}`)
    const isLive = seq > this.#start.latest
    expectSame(
      [unread !== undefined, this.#caughtUp],
      [isLive, isLive],
      `live and caught up, ${seq}`,
    )
    if (isLive) expectTrue(this.#log.had({ unread, unseen }, seq), `counts of ${seq}`)
    if (type === 'notification') {
      const { replayed, notification } = payload
      const { arrivedSeq } = standing
      const expected = { replayed: !isLive, seq, arrivedSeq }
      const said = { replayed, seq: notification.seq, arrivedSeq: notification.arrivedSeq }
      expectSame(said, expected, `${seq} whole`)
      expectTrue(!this.#had.has(standing.id), `${seq} by its state, since the device has it`)
      this.#whole.add(standing.id)
    } else {
      const may = this.#whole.has(standing.id) || this.#forms(standing).includes('updated')
      expectTrue(may, `${seq} whole, since the device has it not`)
    }
  }

  #hearCaughtUp({ payload }: DownOf<'caught_up'>): void {
    const { latest } = this.#start
    expectSame([this.#caughtUp, payload.seq], [false, latest], 'caught_up')
    this.#pass(latest + 1)
    expectTrue(this.#log.had(payload, latest), 'counts of caught_up')
    this.#position = Math.max(this.#start.position, latest)
    this.#acknowledgeable = Math.max(this.#acknowledgeable, latest)
    this.#caughtUp = true
  }

  /** All that still stands before `seq` was told. */
  #pass(seq: number): void {
    const passed = this.#log.restingAfter(this.#position).filter((entry) => entry.seq < seq)
    expectSame(passed, [], `passed on the way to ${seq}`)
    this.#position = seq
  }

  #forms(entry: { id: string; arrivedSeq: number }): ('notification' | 'updated')[] {
    const { position, isBelow } = this.#start
    return this.#device.forms(entry, position, () => isBelow)
  }
}
