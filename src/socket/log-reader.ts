import type { Clock, Stopwatch } from '../inbox/clock.js'
import { gapBefore } from '../inbox/changes.js'
import {
  framesIn,
  MAX_ARRAY_BYTES,
  MAX_ARRAY_FRAMES,
  type FrameArray,
} from '../inbox/stores/frame-array.js'
import type { ChangesPage, ChangesReader, OpenedDevice, Store } from '../inbox/store.js'
import type { LogMove } from '../inbox/wake.js'
import type { DownSmall } from '../protocol/down/index.js'
import type { Traffic } from '../telemetry/traffic.js'
import type { FollowedEntries } from './followed-entries.js'
import { Expected } from './expected.js'
import { sendFrames } from './send-frames.js'
import type { SocketLike } from './socket-like.js'
import { Window } from './window.js'

/** Most entries of a page: some arrays, so that what is asked of the store is asked less often. */
const MAX_PAGE_ENTRIES = 4 * MAX_ARRAY_FRAMES

const decoder = new TextDecoder()

/** What a reader counts. */
export type ReaderTraffic = Pick<
  Traffic,
  'sent' | 'sentAfter' | 'acknowledged' | 'acknowledgedAfter' | 'gap' | 'windowFilled'
>

export interface LogReaderOptions {
  store: Pick<Store, 'changes'>
  clock: Clock
  stopwatch: Stopwatch
  traffic: ReaderTraffic
  /** Follows what is sent; undefined where nobody does. */
  followed?: FollowedEntries | undefined
  socket: SocketLike
  user: string
  device: string
  /** Where the log and the connection stood when it was opened. */
  opened: OpenedDevice
  maxUnacked: number
  highWaterBytes: number
  /** Whether frames may go out in arrays. */
  batch: boolean
  /** Called where the log can't be read; the connection ends. */
  fail: (error: unknown) => void
}

/** A move of the log, with the frame that tells of it, made once for all who can use it. */
export interface LiveMove extends LogMove {
  /** Undefined where only the store knows what moved. */
  frame: (() => string) | undefined
}

/**
 * Sends a user's log to one socket, in order, from a position on. Replay, live push and a reader that was too slow are
 * the same motion: whenever there is more log than was sent, and room for it, the next page is read and sent.
 *
 *     idle ── woken, acknowledged, drained ──► reading ── page ──► sent ──► idle, or the next page
 *
 * Room is bounded twice: by the window of entries that wait for their acknowledgement, and by the socket's buffer.
 * Without room nothing is read and nothing is kept: the rest waits on disk.
 */
export class LogReader {
  readonly #options: LogReaderOptions
  readonly #window: Window
  readonly #expected = new Expected()
  readonly #welcomeLatest: number
  /** For whom the log is read: from below the stored cursor everything comes whole. */
  readonly #reader: ChangesReader
  /** Everything up to here was sent. */
  #position: number
  /** What took each `seq` from here up to the position was sent when it stood there: no page has passed one over. */
  #unbrokenFrom: number
  /** The log is known to reach this far. */
  #latest: number
  /** How far it reached when a page was last read. */
  #readLatest: number
  /** The highest `seq` that an acknowledgement may name. */
  #acknowledgeable: number
  #caughtUp = false
  #reading = false
  /** A wake came while a page was being read, which may know nothing of it. */
  #wokenMeanwhile = false
  /** The counts have changed without an entry, and the connection was not told yet. */
  #countsDue = false
  #stopped = false

  constructor(options: LogReaderOptions) {
    const { opened } = options
    this.#options = options
    const { position, cursor } = opened
    this.#reader = { device: options.device, startedAt: position, whole: position < cursor }
    this.#window = new Window(options.maxUnacked)
    this.#welcomeLatest = opened.latest
    this.#latest = opened.latest
    this.#readLatest = opened.latest
    this.#position = position
    this.#unbrokenFrom = position + 1
    this.#acknowledgeable = Math.max(opened.position, opened.cursor)
  }

  /** Begins; `latest` is how far the log has moved while the connection was being opened. */
  start(latest: number): void {
    this.#latest = Math.max(this.#latest, latest)
    this.#passWelcome(this.#options.opened)
    this.#pump()
  }

  /** How far the log is known to reach. */
  get latest(): number {
    return this.#latest
  }

  /** The log has moved. */
  wake(move: LiveMove): void {
    this.#latest = Math.max(this.#latest, move.seq)
    if (move.change?.kind === 'counts') this.#countsDue = true
    this.#wokenMeanwhile = this.#reading
    const next = move.seq === this.#position + 1 && this.#caughtUp && !this.#reading
    if (move.frame && next && this.#hasRoom() && this.#isTold(move)) {
      // What was just committed is the very next entry: it goes out without a look at the store.
      this.#sendEntry(move, move.frame())
      this.#moveTo(move.seq, move.seq)
    } else {
      // What waits for its reader would tell how slow that one is, not how slow the service.
      if (this.#hasRoom()) this.#expected.add(move.seq, acceptedAtOf(move))
      this.#pump()
    }
  }

  /**
   * Whether the wake says all that this connection needs. Of what a page that was read already knew it is out of date: the
   * entry may have moved since, and the page has then skipped the place where it stood. An arrival that no page knew is
   * all there is to say. Of an entry that moved the wake tells the state alone, which is enough for who was sent the
   * content: that is certain where the entry was sent from the very place that it left, and no page was read since it moved.
   * A page may have passed it over there, since it had expired.
   */
  #isTold({ seq, change }: LiveMove): boolean {
    if (seq <= this.#readLatest) return false
    return change?.kind !== 'moved' || change.from >= this.#unbrokenFrom
  }

  /** Whether `seq` may be acknowledged: it was sent, or passed. */
  mayAcknowledge(seq: number): boolean {
    return seq <= this.#acknowledgeable
  }

  acknowledge(seq: number): void {
    const { traffic, followed, clock } = this.#options
    const now = clock()
    traffic.acknowledged(
      this.#window.acknowledge(seq, (acceptedAt) => traffic.acknowledgedAfter(now - acceptedAt)),
    )
    followed?.acknowledge(seq)
    this.#pump()
  }

  /** The socket's buffer is empty again. */
  drained(): void {
    this.#pump()
  }

  /** Whether what stood in the log at the welcome is still being sent. */
  get isReplaying(): boolean {
    return !this.#caughtUp
  }

  /** When the window became full, by the stopwatch; undefined while there is room. */
  get fullSince(): number | undefined {
    return this.#window.fullSince
  }

  stop(): void {
    this.#stopped = true
    this.#options.followed?.stop()
  }

  #pump(): void {
    const isNewsDue = this.#position < this.#latest || this.#countsDue
    if (this.#stopped || this.#reading || !isNewsDue || !this.#hasRoom()) return
    this.#reading = true
    this.#wokenMeanwhile = false
    // A page that is asked for from now on knows the counts.
    const countsDue = this.#countsDue
    this.#countsDue = false
    this.#options.store
      .changes({
        user: this.#options.user,
        at: this.#options.clock(),
        reader: this.#reader,
        after: this.#position,
        limit: Math.min(this.#window.room, MAX_PAGE_ENTRIES),
        maxBytes: MAX_ARRAY_BYTES,
        replayedTo: this.#welcomeLatest,
      })
      .then((page) => this.#send(page, countsDue))
      .catch((error: unknown) => this.#options.fail(error))
  }

  #send(page: ChangesPage, countsDue: boolean): void {
    this.#reading = false
    if (this.#stopped) return
    const before = this.#position
    this.#passHorizon(page)
    if (this.#sendEntries(page)) {
      this.#moveTo(page.through, undefined)
      this.#passWelcome(page)
    }
    this.#latest = Math.max(this.#latest, page.latest)
    this.#readLatest = Math.max(this.#readLatest, page.latest)
    if (countsDue) this.#tellCounts(page)
    // A page that brought nothing new will not bring more when asked again, unless a wake came since: the next one will.
    if (this.#position > before || this.#wokenMeanwhile) this.#pump()
  }

  /** Tells of what retention has removed before this connection was sent it. */
  #passHorizon(page: ChangesPage): void {
    const gap = gapBefore(page, this.#position)
    if (!gap) return
    const { to } = gap.payload
    this.#say(gap)
    this.#options.traffic.gap('retention')
    this.#moveTo(to, undefined)
    this.#acknowledgeable = Math.max(this.#acknowledgeable, to)
    this.#passWelcome(page)
  }

  /** What replays is told the counts when it has caught up. */
  #tellCounts({ unread, unseen }: ChangesPage): void {
    if (this.#caughtUp) this.#say({ type: 'counts', payload: { unread, unseen } })
  }

  #say(message: DownSmall): void {
    this.#options.socket.sendText(JSON.stringify(message))
  }

  /** Sends the entries of a page, as far as there is room in the buffer; tells whether all were sent. */
  #sendEntries(page: ChangesPage): boolean {
    const { socket, batch: asArray } = this.#options
    for (const array of page.arrays) {
      const [first = 0] = array.seqs
      if (first > this.#welcomeLatest) this.#passWelcome(page, first - 1)
      const sent = sendFrames(socket, array, { asArray, hasRoom: () => this.#isBufferLow() })
      this.#noteFrames(array, sent)
      if (sent < array.seqs.length) return false
    }
    return true
  }

  /** Notes that so many frames of an array were sent. */
  #noteFrames(array: FrameArray, count: number): void {
    const { stopwatch, followed } = this.#options
    const now = stopwatch()
    for (const seq of array.seqs.slice(0, count)) {
      this.#noteSent(seq, { now, acceptedAt: this.#expected.take(seq) })
      this.#moveTo(seq, seq)
    }
    if (!followed) return
    for (const [index, frame] of framesIn(array).slice(0, count).entries()) {
      const seq = array.seqs[index] ?? 0
      followed.sent(decoder.decode(frame), { seq, replayed: this.#isReplayed(seq) })
    }
  }

  #sendEntry({ seq, change }: LiveMove, frame: string): void {
    const { socket, stopwatch, followed } = this.#options
    socket.sendText(frame)
    const acceptedAt = change?.kind === 'arrived' ? change.acceptedAt : undefined
    this.#noteSent(seq, { now: stopwatch(), acceptedAt })
    followed?.sent(frame, { seq, replayed: this.#isReplayed(seq) })
  }

  /** Everything up to `position` was sent or passed over; `sent` is the one entry that was sent on the way, where one was. */
  #moveTo(position: number, sent: number | undefined): void {
    const isNext = sent === this.#position + 1
    if (!isNext && position > this.#position) this.#unbrokenFrom = sent ?? position + 1
    this.#position = position
  }

  /** `now` by the stopwatch; `acceptedAt` where it came live and that is known. */
  #noteSent(
    seq: number,
    { now, acceptedAt }: { now: number; acceptedAt: number | undefined },
  ): void {
    const { clock, traffic } = this.#options
    this.#window.add(seq, now, acceptedAt)
    if (this.#window.room === 0) traffic.windowFilled()
    traffic.sent(this.#isReplayed(seq) ? 'replayed' : 'live')
    if (acceptedAt !== undefined) traffic.sentAfter(clock() - acceptedAt)
    this.#acknowledgeable = Math.max(this.#acknowledgeable, seq)
  }

  #isReplayed(seq: number): boolean {
    return seq <= this.#welcomeLatest
  }

  /** Says `caught_up`, once, as soon as everything that stood in the log at the welcome was sent. */
  #passWelcome(counts: { unread: number; unseen: number }, position = this.#position): void {
    if (this.#caughtUp || position < this.#welcomeLatest) return
    this.#caughtUp = true
    this.#acknowledgeable = Math.max(this.#acknowledgeable, this.#welcomeLatest)
    const { unread, unseen } = counts
    this.#say({ type: 'caught_up', payload: { seq: this.#welcomeLatest, unread, unseen } })
  }

  #hasRoom(): boolean {
    return this.#window.room > 0 && this.#isBufferLow()
  }

  #isBufferLow(): boolean {
    return this.#options.socket.bufferedAmount <= this.#options.highWaterBytes
  }
}

/** When an arrival was accepted, where its wake tells it. */
function acceptedAtOf({ change }: LogMove): number | undefined {
  return change?.kind === 'arrived' ? change.acceptedAt : undefined
}
