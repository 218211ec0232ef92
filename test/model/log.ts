import type { MarkAction } from '../../src/protocol/mark.js'

/** What the user has said of an entry; when it was said is not modelled. */
export interface ModelState {
  seen: boolean
  read: boolean
  archived: boolean
}

/** A notification in a user's inbox: it stands in the log once, at its latest change. */
export interface ModelEntry {
  id: string
  arrivedSeq: number
  seq: number
  state: ModelState
}

interface Counts {
  unread: number
  unseen: number
}

/** Counts as a message tells them, where it does. */
type Told = { [Name in keyof Counts]?: number | undefined }

/** What took a `seq`. */
interface Standing extends Counts {
  id: string
  state: ModelState
  arrivedSeq: number
  /** Where the entry went from there; undefined while it rests. */
  movedTo: number | undefined
}

const NEW: ModelState = { seen: false, read: false, archived: false }

/** Contract §1: `read` and `archived` set seen (and read) too, `unread` and `unarchived` clear their own alone. */
const ACTIONS: Readonly<Record<MarkAction, (state: ModelState) => ModelState>> = {
  seen: (state) => ({ ...state, seen: true }),
  read: (state) => ({ ...state, seen: true, read: true }),
  unread: (state) => ({ ...state, read: false }),
  archived: () => ({ seen: true, read: true, archived: true }),
  unarchived: (state) => ({ ...state, archived: false }),
}

/** An inbox filter, or `inbox` where none is named. */
export type ModelFilter = 'inbox' | 'unread' | 'unseen' | 'archived' | 'all'

const FILTERS: Readonly<Record<ModelFilter, (state: ModelState) => boolean>> = {
  inbox: ({ archived }) => !archived,
  unread: ({ read, archived }) => !read && !archived,
  unseen: ({ seen, archived }) => !seen && !archived,
  archived: ({ archived }) => archived,
  all: () => true,
}

export const isSame = (one: ModelState, other: ModelState): boolean =>
  one.seen === other.seen && one.read === other.read && one.archived === other.archived

/** A user's log, with all that it ever was. */
export class ModelLog {
  /** In the order in which they arrived. */
  readonly entries: ModelEntry[] = []
  readonly #history: Standing[] = []

  get latest(): number {
    return this.#history.length
  }

  get counts(): Counts {
    const count = (filter: ModelFilter): number => this.list(filter).length
    return { unread: count('unread'), unseen: count('unseen') }
  }

  /** What a filter shows, newest first. */
  list(filter: ModelFilter): ModelEntry[] {
    return this.entries.filter(({ state }) => FILTERS[filter](state)).toReversed()
  }

  entry(id: string): ModelEntry | undefined {
    return this.entries.find((entry) => entry.id === id)
  }

  /** What took a `seq`; undefined where none was given out so far. */
  at(seq: number): Standing | undefined {
    return this.#history[seq - 1]
  }

  /** The entries that stand after a position, in the order of the log. */
  restingAfter(position: number): ModelEntry[] {
    return this.entries.filter(({ seq }) => seq > position).toSorted((a, b) => a.seq - b.seq)
  }

  /** Whether the counts were these at some moment since `seq` was given out. */
  had({ unread, unseen }: Told, since: number): boolean {
    const moments = this.#history.slice(Math.max(0, since - 1))
    const first = since === 0 ? [{ unread: 0, unseen: 0 }] : []
    return [...first, ...moments].some((then) => then.unread === unread && then.unseen === unseen)
  }

  /** A notification arrived; its `seq`. */
  append(id: string): number {
    const seq = this.latest + 1
    const entry = { id, arrivedSeq: seq, seq, state: NEW }
    this.entries.push(entry)
    this.#stand(entry)
    return seq
  }

  /** The entries that an action changes, of these: in the order in which they arrived, which they keep. */
  changes(action: MarkAction, of: readonly ModelEntry[]): ModelEntry[] {
    return of
      .filter(({ state }) => !isSame(state, ACTIONS[action](state)))
      .toSorted((a, b) => a.arrivedSeq - b.arrivedSeq)
  }

  /** An action changes an entry, which takes the next `seq`. */
  move(action: MarkAction, entry: ModelEntry): void {
    const left = this.at(entry.seq)
    entry.seq = this.latest + 1
    if (left) left.movedTo = entry.seq
    entry.state = ACTIONS[action](entry.state)
    this.#stand(entry)
  }

  #stand({ id, state, arrivedSeq }: ModelEntry): void {
    this.#history.push({ id, state, arrivedSeq, movedTo: undefined, ...this.counts })
  }
}
