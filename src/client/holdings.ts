import type { FrameOf, Notification } from './frames.js'

type Updated = FrameOf<'updated'>['payload']
interface Removal {
  seq: number
  id: string
  collapseKey?: string | undefined
}

/**
 * The copies of notifications that are held in memory, by the contract's rules for clients. Archived ones are kept too, so that
 * one that is unarchived can be shown again, but they are the first to go where there are too many.
 */
export class Holdings {
  readonly #limit: number
  readonly #copies = new Map<string, Notification>()
  /** What was removed while the inbox is being listed: the list may have been made before. */
  #removedMeanwhile: Removal[] | undefined

  constructor(limit: number) {
    this.#limit = limit
  }

  /** What is not archived, newest first. */
  items(): Notification[] {
    return [...this.#copies.values()]
      .filter(({ archivedAt }) => archivedAt === null)
      .toSorted((a, b) => b.arrivedSeq - a.arrivedSeq)
  }

  get(id: string): Notification | undefined {
    return this.#copies.get(id)
  }

  /** Keeps the copy with the higher `seq`; of those with one collapse key, the newest alone. */
  put(copy: Notification): void {
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
    this.#trim()
  }

  /** Takes a change of state, where the copy is held and older. */
  update({ id, seq, seenAt, readAt, archivedAt }: Updated): void {
    const copy = this.#copies.get(id)
    if (!copy || copy.seq >= seq) return
    this.#copies.set(id, { ...copy, seq, seenAt, readAt, archivedAt })
    this.#trim()
  }

  /** Drops what has this id, or this key, and a lower `seq`. */
  remove(removal: Removal): void {
    this.#removedMeanwhile?.push(removal)
    for (const copy of this.#copies.values()) {
      if (isRemoved(copy, removal)) this.#copies.delete(copy.id)
    }
  }

  /** Drops all: they were of another life of the log. */
  clear(): void {
    this.#copies.clear()
    this.#removedMeanwhile = undefined
  }

  /** From here on removals are kept in mind, until `list`. */
  beginList(): void {
    this.#removedMeanwhile = []
  }

  /** Takes what the inbox was when the log stood at `latest`: what came since is newer than it. */
  list(items: readonly Notification[], latest: number): void {
    const listed = new Set(items.map(({ id }) => id))
    for (const { id, seq, archivedAt } of this.#copies.values()) {
      // A list shows nothing that is archived, so it says nothing against those.
      if (seq <= latest && !listed.has(id) && archivedAt === null) this.#copies.delete(id)
    }
    const removals = this.#removedMeanwhile ?? []
    this.#removedMeanwhile = undefined
    for (const item of items) {
      if (!removals.some((removal) => isRemoved(item, removal))) this.put(item)
    }
  }

  #trim(): void {
    if (this.#copies.size <= this.#limit) return
    const order = [...this.#copies.values()].toSorted(
      (a, b) =>
        Number(a.archivedAt === null) - Number(b.archivedAt === null) ||
        a.arrivedSeq - b.arrivedSeq,
    )
    for (const { id } of order.slice(0, this.#copies.size - this.#limit)) this.#copies.delete(id)
  }
}

function isRemoved(copy: Notification, { seq, id, collapseKey }: Removal): boolean {
  if (copy.seq >= seq) return false
  return copy.id === id || (collapseKey !== undefined && copy.collapseKey === collapseKey)
}
