import type { Down } from '../../src/protocol/down/index.js'
import type { MemoryEntries } from './memory-entries.js'

interface Copy {
  seq: number
  collapseKey: string | null
  isRead: boolean
}

/** What a client holds that does what the contract tells clients to do, and nothing else. */
export class SessionClient {
  readonly #log: MemoryEntries
  readonly #copies = new Map<string, Copy>()
  /** The counts as last told. */
  #counts: { unread: number; unseen: number } | undefined

  /** `had`: the ids that its device has acknowledged and was not told to drop before `position`. */
  constructor(log: MemoryEntries, { had, position }: { had: Iterable<string>; position: number }) {
    this.#log = log
    for (const id of had) {
      if ((log.deaths.get(id) ?? Infinity) <= position) continue
      const standing = log.history.findLast((then) => then.id === id && then.state.seq <= position)
      if (!standing) continue
      const { collapseKey, state } = standing
      this.#copies.set(id, { seq: state.seq, collapseKey, isRead: state.readAt !== null })
    }
  }

  hear(message: Down): void {
    switch (message.type) {
      case 'notification': {
        const { seq, notification } = message.payload
        const { id, collapseKey, readAt } = notification
        if (collapseKey !== null) this.#drop(seq, (copy) => copy.collapseKey === collapseKey)
        const held = this.#copies.get(id)
        if (!held || held.seq < seq) {
          this.#copies.set(id, { seq, collapseKey, isRead: readAt !== null })
        }
        return this.#count(message.payload)
      }
      case 'updated': {
        const { seq, id, readAt } = message.payload
        const held = this.#copies.get(id)
        if (held && held.seq < seq) Object.assign(held, { seq, isRead: readAt !== null })
        return this.#count(message.payload)
      }
      case 'removed': {
        const { seq, id, collapseKey } = message.payload
        this.#copies.delete(id)
        if (collapseKey) this.#drop(seq, (copy) => copy.collapseKey === collapseKey)
        return this.#count(message.payload)
      }
      case 'gap':
        if (message.payload.reason === 'retention') this.#list()
        return
      case 'welcome':
      case 'caught_up':
      case 'counts':
        return this.#count(message.payload)
      default:
    }
  }

  /** What is not as the log has it: entries that it lacks, or holds as they were, or that are gone. */
  faults(position: number): string[] {
    const standing = new Map(
      this.#log.livingAfter(0).map((seq) => [this.#log.at(seq).id, this.#log.at(seq)]),
    )
    const trimmed = new Set([...this.#log.trimmed.values()].map(({ id }) => id))
    const lacks = [...standing].flatMap(([id, { state }]) => {
      if (state.seq <= position) return []
      const { seq, isRead } = this.#copies.get(id) ?? {}
      if (seq === state.seq && isRead === (state.readAt !== null)) return []
      return [`${id} at ${state.seq} is held as of ${seq}`]
    })
    const ghosts = [...this.#copies].flatMap(([id, copy]) =>
      standing.has(id) || trimmed.has(id) || this.#wasUntold(copy)
        ? []
        : [`${id}, held as of ${copy.seq}, is gone`],
    )
    return [...lacks, ...ghosts]
  }

  /**
   * Whether it was replaced by what expired, was passed over, and was taken by retention before it left a tombstone: of what
   * retention takes only those are told who had not passed it.
   */
  #wasUntold({ seq, collapseKey }: Copy): boolean {
    if (collapseKey === null) return false
    return [...this.#log.trimmed.values()].some(
      (taken) =>
        taken.collapseKey === collapseKey &&
        taken.state.seq > seq &&
        taken.removed === undefined &&
        taken.expiresAt <= this.#log.now,
    )
  }

  get counts(): { unread: number; unseen: number } | undefined {
    return this.#counts
  }

  /** Lists the inbox, as it is, and keeps nothing else; the list tells the counts. */
  #list(): void {
    this.#copies.clear()
    for (const seq of this.#log.livingAfter(0)) {
      const { id, collapseKey, state } = this.#log.at(seq)
      this.#copies.set(id, { seq, collapseKey, isRead: state.readAt !== null })
    }
    this.#counts = this.#log.counts
  }

  #drop(before: number, fits: (copy: Copy) => boolean): void {
    for (const [id, copy] of this.#copies) {
      if (copy.seq < before && fits(copy)) this.#copies.delete(id)
    }
  }

  #count({ unread, unseen }: { unread?: number | undefined; unseen?: number | undefined }): void {
    if (unread !== undefined && unseen !== undefined) this.#counts = { unread, unseen }
  }
}
