import { Acknowledger } from './acknowledger.js'
import { Deliverer, type OnPoison } from './deliverer.js'
import type { Environment } from './environment.js'
import type { InboxError } from './errors.js'
import type { Emitter } from './events.js'
import type { FrameOf, Notification } from './frames.js'
import { Holdings, type Listed } from './holdings.js'
import type { Keeper, Position } from './position.js'

export interface LogOptions {
  environment: Environment
  emitter: Emitter
  keeper: Keeper
  /** Whether the position is this one's to keep, and not that of another tab, which acknowledges too. */
  keeps: () => boolean
  maxItems: number
  onPoison: OnPoison | undefined
  report: (error: InboxError) => void
  /** What is held can't be trusted any more. */
  list: () => void
  /** A change came of what is not held, and may belong there. */
  lacking: () => void
  /** Little is left of what is held, and there is more. */
  thin: () => void
  /** What `items()` gives has changed. */
  changed: () => void
}

/** One life of one user's log, as far as this device knows of it. */
interface Life {
  name: string
  position: Omit<Position, 'cursor'>
  /** Where its position is kept. */
  key: string
  /** The highest place of which was told in any way. */
  known: number
}

/** Where the next connection starts. */
export interface Attempt {
  key: string
  subject: string | undefined
  start: { cursor: number; epoch: string } | undefined
}

/**
 * The log as the service tells it: what is held of it changes as the frames come, the application hears of it in its own time, and the
 * service hears how far the application is.
 */
export class Log {
  readonly #options: LogOptions
  readonly #holdings: Holdings
  readonly #deliverer: Deliverer
  readonly #acknowledger: Acknowledger
  #life: Life | undefined
  /** Up to here the log stood when this connection was welcomed. */
  #replayedUpTo = 0
  #stored: Position | undefined
  /** Up to here it was told without a hole, since this life of it began. */
  #told = 0
  /** Whether the log is behind what was kept of it, and no position since was kept. */
  #wentBack = false

  constructor(options: LogOptions) {
    this.#options = options
    const { environment, emitter, onPoison, report } = options
    this.#holdings = new Holdings(options.maxItems)
    this.#acknowledger = new Acknowledger(environment)
    this.#deliverer = new Deliverer({
      environment,
      emitter,
      onPoison,
      report,
      handled: (seq, idle) => this.#handled(seq, idle),
    })
  }

  items(): Notification[] {
    return this.#holdings.items()
  }

  /** Whether the inbox has older ones than `items()`, as far as is known. */
  get hasMore(): boolean {
    return this.#holdings.hasMore
  }

  /** The highest place that is known, and in which life of the log. */
  get latest(): { seq: number; life: string } | undefined {
    return this.#life && { seq: this.#life.known, life: this.#life.name }
  }

  /** Up to where the application has handled the log. */
  get handled(): number {
    return this.#deliverer.handled
  }

  /** Where a connection of this subject starts: what was kept for another's log is never sent. */
  async prepare(key: string, subject: string | undefined): Promise<Attempt> {
    this.#stored =
      this.#life?.key === key
        ? { ...this.#life.position, cursor: this.#deliverer.handled }
        : await this.#options.keeper.readPosition(key)
    const { subject: whose, cursor, epoch } = this.#stored ?? {}
    const isOurs = subject !== undefined && whose === subject
    const start = isOurs && cursor !== undefined && epoch !== undefined
    return { key, subject, start: start ? { cursor, epoch } : undefined }
  }

  /** Gives the name of the log's life. */
  welcomed(
    { payload }: FrameOf<'welcome'>,
    { key, subject, start }: Attempt,
    acknowledge: (seq: number) => void,
  ): string {
    const { user, epoch, cursor, latest, maxUnacked } = payload
    const name = JSON.stringify([user, epoch])
    if (this.#life?.name !== name) {
      const stored = this.#stored
      const isKept = stored?.user === user && stored.epoch === epoch
      this.#begin(isKept ? Math.max(stored.cursor, cursor) : cursor)
      const position = { subject: subject ?? null, user, epoch }
      this.#life = { name, position, key, known: latest }
    }
    this.#life.known = Math.max(this.#life.known, latest)
    this.#replayedUpTo = latest
    const from = start?.epoch === epoch ? start.cursor : cursor
    // Another tab, or another process of this device, has handled what lies between.
    if (from > this.#told) this.#options.list()
    this.#told = Math.max(this.#told, from)
    this.#acknowledger.opened(from, maxUnacked, acknowledge)
    return name
  }

  disconnected(): void {
    this.#acknowledger.closed()
  }

  /** Hands nothing over any more; resolves when what runs is handled, and the service has been told. */
  async close(): Promise<void> {
    await this.#deliverer.close()
    this.#acknowledger.flush()
  }

  /** The connection ends shortly: what is handled is acknowledged now, or it would be sent once more on the next. */
  draining(): void {
    this.#acknowledger.flush()
  }

  gap({ payload }: FrameOf<'gap'>): void {
    if (payload.reason === 'epoch') {
      this.#wentBack = true
      this.#begin(payload.to)
    } else this.#options.list()
    this.#heard(payload.to)
    this.#deliverer.add({ name: 'gap', seq: payload.to, event: payload })
  }

  notification({ payload }: FrameOf<'notification'>): void {
    const { seq, notification, replayed } = payload
    this.#holdings.put(notification)
    this.#changed()
    this.#heard(seq)
    this.#deliverer.add({ name: 'notification', seq, event: { notification, replayed } })
  }

  updated({ payload }: FrameOf<'updated'>): void {
    this.#holdings.update(payload)
    this.#changed()
    const { seq, id, seenAt, readAt, archivedAt } = payload
    const notification = this.#holdings.get(id)
    const replayed = seq <= this.#replayedUpTo
    const event = { id, seq, seenAt, readAt, archivedAt, replayed, notification }
    this.#heard(seq)
    this.#deliverer.add({ name: 'updated', seq, event })
  }

  removed({ payload }: FrameOf<'removed'>): void {
    this.#holdings.remove(payload)
    this.#changed()
    const { seq, id, collapseKey, reason } = payload
    const event = { id, seq, collapseKey, reason, replayed: seq <= this.#replayedUpTo }
    this.#heard(seq)
    this.#deliverer.add({ name: 'removed', seq, event })
  }

  caughtUp({ payload: { seq } }: FrameOf<'caught_up'>): void {
    this.#heard(seq)
    this.#deliverer.add({ name: 'passed', seq })
  }

  get isLacking(): boolean {
    return this.#holdings.isLacking
  }

  /** The ids of what is lacking, which is being asked for from here on. */
  takeLacking(): string[] {
    return this.#holdings.takeLacking()
  }

  /** What is held, or lacking, is being asked for. */
  asking(): void {
    this.#holdings.beginAnswer()
  }

  found(copies: Notification[]): void {
    this.#holdings.add(copies)
    this.#changed()
  }

  /** False where the list is of another life of the log. */
  listed(list: Listed & { epoch: string }): boolean {
    if (this.#life?.position.epoch !== list.epoch) return false
    this.#life.known = Math.max(this.#life.known, list.latest)
    this.#holdings.list(list)
    this.#changed()
    return true
  }

  #changed(): void {
    const { changed, lacking, thin } = this.#options
    changed()
    if (this.#holdings.isLacking) lacking()
    if (this.#holdings.isThin) thin()
  }

  /** Another life begins: nothing of the former counts. */
  #begin(cursor: number): void {
    this.#holdings.clear()
    this.#options.changed()
    this.#told = cursor
    this.#deliverer.begin(cursor)
    this.#acknowledger.begin(cursor)
    this.#options.list()
  }

  /** Comes before the application hears of it, whose handler may say "all". */
  #heard(seq: number): void {
    if (this.#life) this.#life.known = Math.max(this.#life.known, seq)
    this.#told = Math.max(this.#told, seq)
    this.#acknowledger.heard(seq)
  }

  async #handled(seq: number, idle: boolean): Promise<void> {
    if (!this.#life) return
    const { key, position, name } = this.#life
    const { keeper, keeps } = this.#options
    const mayGoBack = this.#wentBack
    this.#wentBack = false
    if (keeps()) await keeper.writePosition(key, { ...position, cursor: seq }, mayGoBack)
    if (this.#life.name === name) this.#acknowledger.handled(seq, idle)
  }
}
