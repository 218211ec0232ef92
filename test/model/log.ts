import type { MarkAction } from '../../src/protocol/mark.js'
import type { RemovalReason } from '../../src/protocol/down/removed.js'
import { ACTIONS, FILTERS, isSame, NEW, type ModelFilter, type ModelState } from './state.js'

export type Outcome = RemovalReason | 'replaced' | 'removed'

/** A notification that came into a user's inbox: it stands in the log once, at its latest change, while it `rests` there. */
export interface ModelEntry {
  id: string
  arrivedSeq: number
  seq: number
  state: ModelState
  collapseKey: string | null
  /** By the clock of the service; Infinity where it never expires. */
  expiresAt: number
  rests: boolean
  /** How it ended; one that ended and rests is a tombstone. */
  outcome: Outcome | undefined
}

interface Counts {
  unread: number
  unseen: number
}

/** Counts as a message tells them, where it does. */
type Told = { [Name in keyof Counts]?: number | undefined }

/** What took a `seq`. */
export interface Standing extends Counts {
  id: string
  state: ModelState
  arrivedSeq: number
  collapseKey: string | null
  removed: RemovalReason | undefined
  /** The version of the log that had it no more at this place; undefined while it rests. */
  gone: number | undefined
}

const TOMBSTONES_PER_ENTRY = 10

/** A user's log, with all that it ever was. */
export class ModelLog {
  /** Most entries. */
  readonly limit: number
  /** All that ever came, in the order in which they arrived. */
  readonly entries: ModelEntry[] = []
  /** Retention has removed nothing after this. */
  horizon = 0
  /** Where what retention removed stood. */
  readonly trimmed: number[] = []
  /** Counts on, with whatever changes. */
  version = 0
  readonly #history: Standing[] = []
  readonly #moments: (Counts & { latest: number })[] = [{ latest: 0, unread: 0, unseen: 0 }]

  constructor(limit: number) {
    this.limit = limit
  }

  get latest(): number {
    return this.#history.length
  }

  get counts(): Counts {
    const count = (filter: ModelFilter): number => this.list(filter).length
    return { unread: count('unread'), unseen: count('unseen') }
  }

  /** What is in the inbox, in the order in which it arrived. */
  get living(): ModelEntry[] {
    return this.entries.filter(({ rests, outcome }) => rests && outcome === undefined)
  }

  /** What a filter shows, newest first. */
  list(filter: ModelFilter): ModelEntry[] {
    return this.living.filter(({ state }) => FILTERS[filter](state)).toReversed()
  }

  entry(id: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.id === id)
  }

  /** What took a `seq`; undefined where none was given out so far. */
  at(seq: number): Standing | undefined {
    return this.#history[seq - 1]
  }

  /** The entries and tombstones that stand after a position, in the order of the log. */
  restingAfter(position: number): ModelEntry[] {
    return this.entries
      .filter(({ seq, rests }) => rests && seq > position)
      .toSorted((a, b) => a.seq - b.seq)
  }

  /** Whether the counts were these at some moment since `seq` was given out. */
  had({ unread, unseen }: Told, since: number): boolean {
    return this.#moments.some(
      (then) => then.latest >= since && then.unread === unread && then.unseen === unseen,
    )
  }

  /** Whether the counts were these while the log reached so far. */
  hadAt(told: Told, latest: number): boolean {
    return this.#moments.some(
      (then) =>
        then.latest === latest && then.unread === told.unread && then.unseen === told.unseen,
    )
  }

  /** A notification arrived; its `seq`. It takes the place of an older one of its key, and retention takes what is too much. */
  append(
    id: string,
    { collapseKey = null, expiresAt = Infinity }: Partial<ModelEntry> = {},
  ): number {
    const seq = this.latest + 1
    this.version += 1
    for (const entry of this.entries) {
      if (collapseKey !== null && entry.rests && entry.collapseKey === collapseKey) {
        this.#vanish(entry, 'replaced')
      }
    }
    const place = { arrivedSeq: seq, seq, state: NEW, rests: true, outcome: undefined }
    const entry = { id, collapseKey, expiresAt, ...place }
    this.entries.push(entry)
    this.#stand(entry)
    return seq
  }

  /** A notification never came: it gave way to a newer one of its key, or was taken back before its time. */
  never(id: string, outcome: 'replaced' | 'recalled'): void {
    const none = { arrivedSeq: 0, seq: 0, state: NEW, rests: false, expiresAt: Infinity }
    this.entries.push({ id, collapseKey: null, ...none, outcome })
  }

  /** The entries that an action changes, of these: in the order in which they arrived, which they keep. */
  changes(action: MarkAction, of: readonly ModelEntry[]): ModelEntry[] {
    return this.living.filter(
      (entry) => of.includes(entry) && !isSame(entry.state, ACTIONS[action](entry.state)),
    )
  }

  /** An action changes an entry, which takes the next `seq`. */
  move(action: MarkAction, entry: ModelEntry): void {
    this.#leave(entry)
    entry.state = ACTIONS[action](entry.state)
    this.#stand(entry)
  }

  /** An entry becomes a tombstone, which takes the next `seq`. */
  remove(entry: ModelEntry, reason: RemovalReason): void {
    this.#leave(entry)
    entry.outcome = reason
    this.#stand(entry)
  }

  /** Retention takes all that there is: it has grown too old. */
  age(): void {
    this.version += 1
    this.#trim(() => true)
    this.#note()
  }

  #leave(entry: ModelEntry): void {
    this.version += 1
    const left = this.at(entry.seq)
    if (left) left.gone = this.version
    entry.seq = this.latest + 1
  }

  #vanish(entry: ModelEntry, outcome: Outcome): void {
    const left = this.at(entry.seq)
    if (left) left.gone = this.version
    entry.rests = false
    entry.outcome ??= outcome
  }

  #stand({ id, state, arrivedSeq, collapseKey, outcome }: ModelEntry): void {
    const removed = outcome === 'recalled' || outcome === 'expired' ? outcome : undefined
    const standing = { id, state, arrivedSeq, collapseKey, removed, gone: undefined }
    this.#history.push({ ...standing, unread: 0, unseen: 0 })
    this.#trim(() => {
      const rows = this.entries.filter(({ rests }) => rests).length
      const living = this.living.length
      return living > this.limit || rows - living > TOMBSTONES_PER_ENTRY * this.limit
    })
    Object.assign(this.at(this.latest) ?? {}, this.#note())
  }

  /** Removes the oldest row while there is too much. */
  #trim(isTooMuch: () => boolean): void {
    for (const entry of this.restingAfter(0)) {
      if (!isTooMuch()) return
      this.horizon = entry.seq
      this.trimmed.push(entry.seq)
      this.#vanish(entry, 'removed')
    }
  }

  #note(): Counts {
    const { counts, latest } = this
    this.#moments.push({ latest, ...counts })
    return counts
  }
}
