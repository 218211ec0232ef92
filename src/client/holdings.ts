import type { FrameOf, Notification } from './frames.js'

type Updated = FrameOf<'updated'>['payload']
interface Removal {
  seq: number
  id: string
  collapseKey?: string | undefined
}

/** The inbox as it was when the log stood at `latest`. */
export interface Listed {
  /** Its newest entries. */
  items: Notification[]
  /** Most of them that were asked for. */
  limit: number
  /** Whether it had older ones. */
  hasMore: boolean
  latest: number
}

/**
 * The copies of notifications that are held in memory, by the contract's rules for clients: the newest of the inbox without a hole.
 * Archived ones are kept too, so that one that is unarchived can be shown again, but they are the first to go where there are too many.
 */
export class Holdings {
  #limit: number
  /** What arrived up to here is not held, though it may be in the inbox. */
  #floor = 0
  readonly #copies = new Map<string, Notification>()
  /** What has changed, is not archived and not held, by id: where that stands in the log. */
  readonly #lacking = new Map<string, number>()
  /** How the log stood when the inbox was listed: the list has told of all up to there. */
  #listedAt = 0
  /** What was told while an answer is on its way, to be told again on top of it, which may have been made before. */
  #meanwhile: (() => void)[] | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What is not archived, newest first. */
  items(): Notification[] {
    return [...this.#copies.values()]
      .filter(({ archivedAt }) => archivedAt === null)
      .toSorted((a, b) => b.arrivedSeq - a.arrivedSeq)
  }

  /** Whether the inbox has older ones than these, as far as is known. */
  get hasMore(): boolean {
    return this.#floor > 0
  }

  /** Whether the inbox has older ones to fill up with, and fewer than half of what may be held are left to show. */
  get isThin(): boolean {
    if (!this.hasMore) return false
    let shown = 0
    for (const { archivedAt } of this.#copies.values()) if (archivedAt === null) shown++
    return shown * 2 < this.#limit
  }

  get(id: string): Notification | undefined {
    return this.#copies.get(id)
  }

  /** Keeps the copy with the higher `seq`; of those with one collapse key, the newest alone. */
  put(copy: Notification): void {
    // What is out of date now is so on top of an answer too, though the newer copy may have been let go by then.
    if (this.#isOlder(copy)) return
    this.#tell(() => this.#put(copy))
  }

  /** Takes a change of state, where the copy is held and older. */
  update({ id, seq, seenAt, readAt, archivedAt }: Updated): void {
    this.#tell(() => {
      const copy = this.#copies.get(id)
      if (copy === undefined) {
        const mayBelong = archivedAt === null && seq > this.#listedAt && this.#limit > 0
        if (mayBelong) this.#lacking.set(id, seq)
        else this.#lacking.delete(id)
      } else if (copy.seq < seq) {
        this.#copies.set(id, { ...copy, seq, seenAt, readAt, archivedAt })
      }
    })
  }

  /** Drops what has this id, or this key, and a lower `seq`. */
  remove(removal: Removal): void {
    this.#tell(() => {
      this.#lacking.delete(removal.id)
      for (const copy of this.#copies.values()) {
        if (isRemoved(copy, removal)) this.#copies.delete(copy.id)
      }
    })
  }

  /** Drops all: they were of another life of the log. */
  clear(): void {
    this.#copies.clear()
    this.#lacking.clear()
    this.#floor = 0
    this.#listedAt = 0
    this.#meanwhile = undefined
  }

  /** Whether something has changed that is not held, and may belong here: one that is not archived any more, say. */
  get isLacking(): boolean {
    return this.#lacking.size > 0
  }

  /** The ids of what is lacking, which is being asked for from here on. */
  takeLacking(): string[] {
    const ids = [...this.#lacking.keys()]
    this.#lacking.clear()
    return ids
  }

  /** The inbox, or some of it, is being asked for: from here on what is told is kept in mind, until the answer. */
  beginAnswer(): void {
    this.#meanwhile = []
  }

  /** Takes what the inbox was: what came since is newer than it. */
  list({ items, limit, hasMore, latest }: Listed): void {
    this.#limit = limit
    this.#floor = hasMore ? Math.min(...items.map(({ arrivedSeq }) => arrivedSeq)) - 1 : 0
    this.#listedAt = latest
    for (const [id, seq] of this.#lacking) if (seq <= latest) this.#lacking.delete(id)
    this.#take(items)
    const listed = new Set(items.map(({ id }) => id))
    for (const { id, seq, archivedAt } of this.#copies.values()) {
      // A list shows nothing that is archived, so it says nothing against those.
      if (seq <= latest && !listed.has(id) && archivedAt === null) this.#copies.delete(id)
    }
    this.#trim()
  }

  /** Takes what was asked for. */
  add(copies: readonly Notification[]): void {
    this.#take(copies)
    this.#trim()
  }

  #take(copies: readonly Notification[]): void {
    for (const copy of copies) this.#put(copy)
    for (const tell of this.#meanwhile ?? []) tell()
    this.#meanwhile = undefined
  }

  #tell(change: () => void): void {
    this.#meanwhile?.push(change)
    change()
    this.#trim()
  }

  #put(copy: Notification): void {
    this.#lacking.delete(copy.id)
    if (this.#isOlder(copy)) return
    const { collapseKey } = copy
    if (collapseKey !== null) {
      for (const other of this.#copies.values()) {
        if (other.collapseKey !== collapseKey || other.id === copy.id) continue
        if (other.seq > copy.seq) return
        this.#copies.delete(other.id)
      }
    }
    this.#copies.set(copy.id, copy)
  }

  #isOlder({ id, seq }: Notification): boolean {
    return (this.#copies.get(id)?.seq ?? -1) > seq
  }

  #trim(): void {
    for (const { id, arrivedSeq, archivedAt } of this.#copies.values()) {
      if (arrivedSeq <= this.#floor && archivedAt === null) this.#copies.delete(id)
    }
    if (this.#copies.size <= this.#limit) return
    const order = [...this.#copies.values()].toSorted(
      (a, b) =>
        Number(a.archivedAt === null) - Number(b.archivedAt === null) ||
        a.arrivedSeq - b.arrivedSeq,
    )
    for (const copy of order.slice(0, this.#copies.size - this.#limit)) {
      this.#copies.delete(copy.id)
      if (copy.archivedAt === null) this.#floor = Math.max(this.#floor, copy.arrivedSeq)
    }
  }
}

function isRemoved(copy: Notification, { seq, id, collapseKey }: Removal): boolean {
  if (copy.seq >= seq) return false
  return copy.id === id || (collapseKey !== undefined && copy.collapseKey === collapseKey)
}
