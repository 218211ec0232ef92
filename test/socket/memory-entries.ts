import { isUnread, isUnseen } from '../../src/inbox/state.js'
import type { RemovalReason } from '../../src/protocol/down/removed.js'
import { notificationFrame } from '../../src/protocol/down/notification.js'
import { removedFrame } from '../../src/protocol/down/removed.js'
import { updatedFrame } from '../../src/protocol/down/updated.js'
import type { EntryState } from '../../src/protocol/notification.js'
import type { LiveMove } from '../../src/socket/log-reader.js'

/** When everything here is marked, and where the clock of a log begins. */
export const MARKED_AT = Date.UTC(2026, 10, 22, 10)

interface Counts {
  unread: number
  unseen: number
}

/** What took a `seq`: an entry as it stood there, until it moved on, and the counts as of then. */
export interface Standing extends Counts {
  id: string
  contentJson: string
  collapseKey: string | null
  /** When it expires; Infinity where it never does. */
  expiresAt: number
  /** Where it stood before; undefined where it arrived here. */
  from: number | undefined
  state: EntryState
  /** Set in a tombstone. */
  removed: RemovalReason | undefined
}

/** Counts that were true from some moment on, when the log reached so far. */
export interface CountsMoment extends Counts {
  latest: number
}

export interface Appended {
  collapseKey?: string | null
  /** Milliseconds that it lives. */
  ttl?: number | undefined
  /** How many of the oldest rows are removed for it, in the same transaction. */
  trims?: number
}

/** What a user's log in memory holds, and ever held. */
export class MemoryEntries {
  /** What the clock says. */
  now = MARKED_AT
  /** What took each `seq`, from 1 on, also where it has moved on since. */
  readonly history: Standing[] = []
  /** Every state of the counts that there ever was. */
  readonly moments: CountsMoment[] = [{ latest: 0, unread: 0, unseen: 0 }]
  /** What retention removed, by where it stood. */
  readonly trimmed = new Map<number, Standing>()
  /** Where each id died: its tombstone's `seq`, or that of the newer one which took its place. */
  readonly deaths = new Map<string, number>()
  /** Rows up to here may have been removed by retention. */
  horizon = 0
  readonly #places = new Map<string, number>()

  get latest(): number {
    return this.history.length
  }

  /** The counts as they are. */
  get counts(): Counts {
    const { unread, unseen } = this.moments.at(-1) ?? { unread: 0, unseen: 0 }
    return { unread, unseen }
  }

  /** Appends an entry and tells its `seq`. */
  append(title = 'x', { collapseKey = null, ttl, trims = 0 }: Appended = {}): number {
    const seq = this.latest + 1
    const id = `0199a3c0-0000-7000-8000-${String(seq).padStart(12, '0')}`
    const expiresAt = ttl === undefined ? Infinity : this.now + ttl
    const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
    const content = { id, contentJson: contentOf({ id, title, collapseKey, expiresAt }) }
    for (const other of collapseKey === null ? [] : this.restingAfter(0)) {
      const standing = this.at(other)
      if (standing.collapseKey === collapseKey) this.#vanish(standing, seq)
    }
    const entry = { ...content, collapseKey, expiresAt, from: undefined, state, removed: undefined }
    return this.#stand(entry, trims)
  }

  /** Marks the entry that stands at `from` as read, or as unread where it is read; tells the `seq` that it takes. */
  move(from: number): number {
    const before = this.#living(from)
    const { seenAt, readAt } = before.state
    const read = { seenAt: seenAt ?? MARKED_AT, readAt: readAt === null ? MARKED_AT : null }
    const seq = this.latest + 1
    return this.#stand({ ...before, from, state: { ...before.state, ...read, seq } }, 0)
  }

  /** Makes a tombstone of the entry that stands at `from`; tells the `seq` that it takes. */
  remove(from: number, reason: RemovalReason, trims = 0): number {
    const before = this.#living(from)
    const seq = this.latest + 1
    this.deaths.set(before.id, seq)
    return this.#stand({ ...before, from, removed: reason, state: { ...before.state, seq } }, trims)
  }

  /** Makes tombstones of what has expired; tells each `seq`. */
  sweep(): number[] {
    return this.livingAfter(0)
      .filter((seq) => this.hasExpired(seq))
      .map((seq) => this.remove(seq, 'expired'))
  }

  /** Removes the oldest rows for good. */
  trim(count: number): void {
    if (this.#trim(count, this.latest)) this.#note()
  }

  /** What took a `seq`. */
  at(seq: number): Standing {
    const standing = this.history[seq - 1]
    if (!standing) throw new Error(`${seq} is not in the log`)
    return standing
  }

  /** Whether what took a `seq` still stands there. */
  rests(seq: number): boolean {
    return this.#places.get(this.at(seq).id) === seq
  }

  /** Each `seq` after a position where an entry, or a tombstone, stands now. */
  restingAfter(position: number): number[] {
    return this.history
      .slice(position)
      .flatMap(({ state: { seq } }) => (this.rests(seq) ? [seq] : []))
  }

  /** Each `seq` after a position where an entry stands now that is no tombstone. */
  livingAfter(position: number): number[] {
    return this.restingAfter(position).filter((seq) => this.at(seq).removed === undefined)
  }

  /** Whether what took a `seq` is an entry that has expired: none is told of it until it is a tombstone. */
  hasExpired(seq: number, at = this.now): boolean {
    const { removed, expiresAt } = this.at(seq)
    return removed === undefined && expiresAt <= at
  }

  /** The wake of what took a `seq`; one that carries nothing only says that something moved. */
  wakeOf(seq: number, carries = true): LiveMove {
    const { id, contentJson, collapseKey, from, state, removed: reason, ...rest } = this.at(seq)
    const counts = { unread: rest.unread, unseen: rest.unseen }
    const user = 'alice'
    if (!carries) return { user, seq, change: undefined, frame: undefined }
    if (reason !== undefined) {
      const removal = { id, collapseKey, reason }
      return {
        user,
        seq,
        change: { kind: 'removed', ...removal, ...counts },
        frame: () => removedFrame({ seq, ...removal }, counts),
      }
    }
    return from === undefined
      ? {
          user,
          seq,
          change: { kind: 'arrived', contentJson, ...counts },
          frame: () => notificationFrame(state, contentJson, counts),
        }
      : {
          user,
          seq,
          change: { kind: 'moved', id, from, state, ...counts },
          frame: () => updatedFrame(state, id, counts),
        }
  }

  /** The wake of what retention has removed. */
  countsWake(): LiveMove {
    return { user: 'alice', seq: this.latest, change: { kind: 'counts' }, frame: undefined }
  }

  #living(seq: number): Standing {
    const standing = this.at(seq)
    if (!this.rests(seq) || standing.removed) throw new Error(`nothing lives at ${seq} any more`)
    return standing
  }

  #stand(moved: Omit<Standing, 'unread' | 'unseen'>, trims: number): number {
    const { seq } = moved.state
    this.#places.set(moved.id, seq)
    const standing = { ...moved, unread: 0, unseen: 0 }
    this.history.push(standing)
    // What came just now stays.
    this.#trim(trims, seq - 1)
    Object.assign(standing, this.#note())
    return seq
  }

  #trim(count: number, upTo: number): boolean {
    const gone = this.restingAfter(0)
      .filter((seq) => seq <= upTo)
      .slice(0, count)
    for (const seq of gone) {
      const standing = this.at(seq)
      this.trimmed.set(seq, standing)
      this.#places.delete(standing.id)
      this.horizon = seq
    }
    return gone.length > 0
  }

  #vanish({ id, removed }: Standing, seq: number): void {
    this.#places.delete(id)
    if (!removed) this.deaths.set(id, seq)
  }

  /** Keeps in mind what the counts are now. */
  #note(): Counts {
    const states = this.livingAfter(0).map((seq) => this.at(seq).state)
    const unread = states.filter(isUnread).length
    const unseen = states.filter(isUnseen).length
    this.moments.push({ latest: this.latest, unread, unseen })
    return { unread, unseen }
  }
}

function contentOf(said: {
  id: string
  title: string
  collapseKey: string | null
  expiresAt: number
}): string {
  const { id, title, collapseKey, expiresAt } = said
  return JSON.stringify({
    id,
    type: 'test',
    title,
    body: null,
    url: null,
    icon: null,
    data: null,
    priority: 'normal',
    collapseKey,
    topic: null,
    sender: 'shop',
    createdAt: '2026-11-22T10:00:00.000Z',
    expiresAt: expiresAt === Infinity ? null : new Date(expiresAt).toISOString(),
  })
}
