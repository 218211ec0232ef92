import type { ChangesQuery, InboxFilter, MarkStep } from '../../../src/inbox/store.js'
import type { RemovalReason } from '../../../src/protocol/down/removed.js'
import type { MarkAction } from '../../../src/protocol/mark.js'
import type { EntryState } from '../../../src/protocol/notification.js'

/** What a log knows of a notification. */
export interface ModelContent {
  id: string
  type: string
  /** Its place in the order of acceptance, or of firing. */
  rank: number
  collapseKey: string | undefined
  expiresAt: number | undefined
}

/** What stands in a log: an entry, or a tombstone. */
export interface ModelEntry extends EntryState {
  content: ModelContent
  movedAt: number
  removed: RemovalReason | undefined
}

/** How an entry ended that is not there any more. */
export interface ModelEnd extends Pick<EntryState, 'seenAt' | 'readAt'> {
  outcome: RemovalReason | 'replaced' | 'removed'
}

interface ModelDevice {
  cursor: number
  /** When each notification was first covered, by its id. */
  delivered: Map<string, number>
}

interface Counts {
  unread: number
  unseen: number
}

/** An entry that moved: where it stood, how it stands, and the counts as of then. */
interface ModelMoved extends Counts {
  id: string
  from: number
  state: EntryState
}

/** Rows that go for one that comes where a log holds too much. */
const TRIMMED_PER_ROW = 25

/** One user's log. Whatever can be counted is counted anew each time that someone asks. */
export class ModelLog {
  latest = 0
  horizon = 0
  readonly devices = new Map<string, ModelDevice>()
  readonly ends = new Map<string, ModelEnd>()
  readonly #inboxLimit: number
  /** In the order in which they arrived. */
  #rows: ModelEntry[] = []
  /** All that came. */
  readonly #come: ModelContent[] = []

  constructor(inboxLimit: number) {
    this.#inboxLimit = inboxLimit
  }

  /** Appends what came; undefined where a newer one has its key. */
  append(content: ModelContent, at: number): ({ seq: number } & Counts) | undefined {
    const { id, rank, collapseKey } = content
    const other = this.#rows.find(
      (row) => collapseKey !== undefined && row.content.collapseKey === collapseKey,
    )
    const isNewer = (come: ModelContent): boolean =>
      collapseKey !== undefined && come.collapseKey === collapseKey && come.rank > rank
    if (
      this.#come.some(
        (come) => isNewer(come) && (come === other?.content || this.ends.has(come.id)),
      )
    ) {
      this.ends.set(id, { outcome: 'replaced', seenAt: null, readAt: null })
      return undefined
    }
    if (other) this.#end(other, 'replaced', at)
    this.#come.push(content)
    const seq = ++this.latest
    const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
    this.#rows.push({ content, movedAt: at, removed: undefined, ...state })
    this.trim({ at, agedBefore: 0, limit: TRIMMED_PER_ROW })
    return { seq, ...this.counts() }
  }

  /** Makes a tombstone of an entry. */
  remove(entry: ModelEntry, wanted: RemovalReason, at: number) {
    const reason = hasExpired(entry, at) ? 'expired' : wanted
    Object.assign(entry, { seq: ++this.latest, removed: reason, movedAt: at })
    this.trim({ at, agedBefore: 0, limit: TRIMMED_PER_ROW })
    const { id, collapseKey = null } = entry.content
    return { seq: this.latest, id, collapseKey, reason, ...this.counts() }
  }

  /** Removes what is too old or too much; gives how many rows. */
  trim({ at, agedBefore, limit }: { at: number; agedBefore: number; limit: number }): number {
    let removed = 0
    for (const row of this.#bySeq().slice(0, limit)) {
      if (row.movedAt >= agedBefore && !this.#isOverfull()) break
      this.#end(row, 'removed', at)
      this.horizon = row.seq
      removed += 1
    }
    return removed
  }

  counts(): Counts {
    return { unread: this.list('unread').length, unseen: this.list('unseen').length }
  }

  /** An entry or a tombstone. */
  row(id: string): ModelEntry | undefined {
    return this.#rows.find((row) => row.content.id === id)
  }

  entry(id: string): ModelEntry | undefined {
    return this.list('all').find((entry) => entry.content.id === id)
  }

  /** Newest first. */
  list(filter: InboxFilter, type?: string): ModelEntry[] {
    return this.#rows
      .filter((row) => row.removed === undefined && SHOWS[filter](row))
      .filter(({ content }) => type === undefined || content.type === type)
      .toReversed()
  }

  /** The device, made where it is new. */
  device(name: string): ModelDevice {
    const device = this.devices.get(name) ?? { cursor: 0, delivered: new Map<string, number>() }
    this.devices.set(name, device)
    return device
  }

  /** Moves a cursor forward over what stands there now. */
  advance(device: ModelDevice, to: number, at: number): void {
    for (const row of this.#rows) {
      const { id } = row.content
      const isCovered = row.seq > device.cursor && row.seq <= to
      const isAlive = row.removed === undefined && !hasExpired(row, at)
      if (isCovered && isAlive && !device.delivered.has(id)) device.delivered.set(id, at)
    }
    device.cursor = Math.max(device.cursor, to)
  }

  mark(command: Pick<MarkStep, 'action' | 'at' | 'limit' | 'entries'>): {
    moved: ModelMoved[]
    next: number | undefined
  } {
    const { action, at, limit, entries } = command
    const moved: ModelMoved[] = []
    for (const entry of this.list('all').toReversed()) {
      const state = marked(entry, action, at)
      if (moved.length === limit || !isNamed(entry, entries) || isSame(entry, state)) continue
      const from = entry.seq
      Object.assign(entry, state, { seq: ++this.latest, movedAt: at })
      moved.push({ id: entry.content.id, from, state: stateOf(entry), ...this.counts() })
    }
    const isFull = entries.kind === 'upTo' && moved.length === limit
    return { moved, next: isFull ? moved.at(-1)?.state.arrivedSeq : undefined }
  }

  /** What a reader is told of the log; all comes whole without a device. */
  changes(query: Pick<ChangesQuery, 'reader' | 'after' | 'at' | 'limit'>) {
    const { reader, after, at, limit } = query
    const device = reader && this.devices.get(reader.device)
    const startedAt = reader?.startedAt ?? 0
    const isAllWhole = !device || (reader?.whole ?? startedAt < device.cursor)
    const entries = this.#bySeq()
      .filter(({ seq }) => seq > after)
      .filter((row) => row.removed !== undefined || !hasExpired(row, at))
      .slice(0, limit)
      .map((row) => {
        const { id, collapseKey = null } = row.content
        const { seq, removed: reason } = row
        if (reason) return { kind: 'removed' as const, seq, id, collapseKey, reason }
        const isHeld = device?.delivered.has(id) && row.arrivedSeq <= startedAt
        const kind = isHeld && !isAllWhole ? ('state' as const) : ('whole' as const)
        return { kind, id, ...stateOf(row) }
      })
    const last = entries.length === limit ? entries.at(-1) : undefined
    return { entries, through: last?.seq ?? Math.max(after, this.latest) }
  }

  #bySeq(): ModelEntry[] {
    return this.#rows.toSorted((a, b) => a.seq - b.seq)
  }

  #isOverfull(): boolean {
    const entries = this.list('all').length
    return entries > this.#inboxLimit || this.#rows.length - entries > 10 * this.#inboxLimit
  }

  #end(row: ModelEntry, outcome: ModelEnd['outcome'], at: number): void {
    const { seenAt, readAt } = row
    const end = row.removed ?? (hasExpired(row, at) ? 'expired' : outcome)
    this.ends.set(row.content.id, { outcome: end, seenAt, readAt })
    this.#rows = this.#rows.filter((other) => other !== row)
  }
}

export function hasExpired({ content }: Pick<ModelEntry, 'content'>, at: number): boolean {
  return content.expiresAt !== undefined && content.expiresAt <= at
}

const SHOWS: Readonly<Record<InboxFilter, (entry: EntryState) => boolean>> = {
  inbox: ({ archivedAt }) => archivedAt === null,
  unread: ({ archivedAt, readAt }) => archivedAt === null && readAt === null,
  unseen: ({ archivedAt, seenAt }) => archivedAt === null && seenAt === null,
  archived: ({ archivedAt }) => archivedAt !== null,
  all: () => true,
}

/** How an entry stands after an action; a time that is set already stays. */
function marked(before: EntryState, action: MarkAction, at: number): Partial<EntryState> {
  const seenAt = before.seenAt ?? at
  const readAt = before.readAt ?? at
  switch (action) {
    case 'seen':
      return { seenAt }
    case 'read':
      return { seenAt, readAt }
    case 'unread':
      return { readAt: null }
    case 'archived':
      return { seenAt, readAt, archivedAt: before.archivedAt ?? at }
    case 'unarchived':
      return { archivedAt: null }
  }
}

function isSame(before: EntryState, after: Partial<EntryState>): boolean {
  const { seenAt, readAt, archivedAt } = { ...before, ...after }
  return before.seenAt === seenAt && before.readAt === readAt && before.archivedAt === archivedAt
}

function isNamed({ content, arrivedSeq }: ModelEntry, entries: MarkStep['entries']): boolean {
  if (entries.kind === 'ids') return entries.ids.includes(content.id)
  const isWithin = arrivedSeq > entries.after && arrivedSeq <= entries.upTo
  return isWithin && (entries.type === undefined || entries.type === content.type)
}

export function stateOf(state: EntryState): EntryState {
  const { seq, arrivedSeq, seenAt, readAt, archivedAt } = state
  return { seq, arrivedSeq, seenAt, readAt, archivedAt }
}
