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
  /** What was told while the inbox is being listed, to be told again on top of the list, which may have been made before. */
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

  get(id: string): Notification | undefined {
    return this.#copies.get(id)
  }

  /** Keeps the copy with the higher `seq`; of those with one collapse key, the newest alone. */
  put(copy: Notification): void {
    this.#tell(() => this.#put(copy))
  }

  /** Takes a change of state, where the copy is held and older. */
  update({ id, seq, seenAt, readAt, archivedAt }: Updated): void {
    this.#tell(() => {
      const copy = this.#copies.get(id)
      if (!copy || copy.seq >= seq) return
      this.#copies.set(id, { ...copy, seq, seenAt, readAt, archivedAt })
    })
  }

  /** Drops what has this id, or this key, and a lower `seq`. */
  remove(removal: Removal): void {
    this.#tell(() => {
      for (const copy of this.#copies.values()) {
        if (isRemoved(copy, removal)) this.#copies.delete(copy.id)
      }
    })
  }

  /** Drops all: they were of another life of the log. */
  clear(): void {
    this.#copies.clear()
    this.#floor = 0
    this.#meanwhile = undefined
  }

  /** From here on what is told is kept in mind, until `list`. */
  beginList(): void {
    this.#meanwhile = []
  }

  /** Takes what the inbox was: what came since is newer than it. */
  list({ items, limit, hasMore, latest }: Listed): void {
    const listed = new Set(items.map(({ id }) => id))
    for (const { id, seq, archivedAt } of this.#copies.values()) {
      // A list shows nothing that is archived, so it says nothing against those.
      if (seq <= latest && !listed.has(id) && archivedAt === null) this.#copies.delete(id)
    }
    this.#limit = limit
    this.#floor = hasMore ? Math.min(...items.map(({ arrivedSeq }) => arrivedSeq)) - 1 : 0
    for (const item of items) this.#put(item)
    for (const tell of this.#meanwhile ?? []) tell()
    this.#meanwhile = undefined
    this.#trim()
  }

  #tell(change: () => void): void {
    this.#meanwhile?.push(change)
    change()
    this.#trim()
  }

  #put(copy: Notification): void {
    if ((this.#copies.get(copy.id)?.seq ?? -1) > copy.seq) return
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
