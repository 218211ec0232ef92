import type { InboxFilter, MarkStep } from '../../../src/inbox/store.js'
import type { MarkAction } from '../../../src/protocol/mark.js'
import type { EntryState } from '../../../src/protocol/notification.js'

export interface ModelEntry extends EntryState {
  id: string
  type: string
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

/** One user's log. Its counts are counted anew each time that someone asks. */
export class ModelLog {
  latest = 0
  readonly devices = new Map<string, ModelDevice>()
  /** In the order in which they arrived. */
  readonly #entries: ModelEntry[] = []

  append(id: string, type: string): { seq: number } & Counts {
    const seq = ++this.latest
    const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
    this.#entries.push({ id, type, ...state })
    return { seq, ...this.counts() }
  }

  counts(): Counts {
    return { unread: this.list('unread').length, unseen: this.list('unseen').length }
  }

  entry(id: string): ModelEntry | undefined {
    return this.#entries.find((entry) => entry.id === id)
  }

  /** Newest first. */
  list(filter: InboxFilter, type?: string): ModelEntry[] {
    return this.#entries
      .filter((entry) => SHOWS[filter](entry) && (type === undefined || entry.type === type))
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
    for (const { id, seq } of this.#entries) {
      const isCovered = seq > device.cursor && seq <= to
      if (isCovered && !device.delivered.has(id)) device.delivered.set(id, at)
    }
    device.cursor = Math.max(device.cursor, to)
  }

  mark(command: Pick<MarkStep, 'action' | 'at' | 'limit' | 'entries'>): {
    moved: ModelMoved[]
    next: number | undefined
  } {
    const { action, at, limit, entries } = command
    const moved: ModelMoved[] = []
    for (const entry of this.#entries) {
      const state = marked(entry, action, at)
      if (moved.length === limit || !isNamed(entry, entries) || isSame(entry, state)) continue
      const from = entry.seq
      Object.assign(entry, state, { seq: ++this.latest })
      moved.push({ id: entry.id, from, state: stateOf(entry), ...this.counts() })
    }
    const isFull = entries.kind === 'upTo' && moved.length === limit
    return { moved, next: isFull ? moved.at(-1)?.state.arrivedSeq : undefined }
  }

  /** What a device reads of the log. */
  changes(query: {
    device: string
    startedAt: number
    whole: boolean | undefined
    after: number
    limit: number
  }): { entries: ({ kind: 'whole' | 'state'; id: string } & EntryState)[]; through: number } {
    const { startedAt, after, limit } = query
    const device = this.devices.get(query.device)
    const isAllWhole = !device || (query.whole ?? startedAt < device.cursor)
    const entries = this.#entries
      .filter(({ seq }) => seq > after)
      .toSorted((a, b) => a.seq - b.seq)
      .slice(0, limit)
      .map((entry) => {
        const isHeld = device?.delivered.has(entry.id) && entry.arrivedSeq <= startedAt
        const kind = isHeld && !isAllWhole ? ('state' as const) : ('whole' as const)
        return { kind, id: entry.id, ...stateOf(entry) }
      })
    const last = entries.length === limit ? entries.at(-1) : undefined
    return { entries, through: last?.seq ?? Math.max(after, this.latest) }
  }
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

function isNamed({ id, type, arrivedSeq }: ModelEntry, entries: MarkStep['entries']): boolean {
  if (entries.kind === 'ids') return entries.ids.includes(id)
  const isWithin = arrivedSeq > entries.after && arrivedSeq <= entries.upTo
  return isWithin && (entries.type === undefined || entries.type === type)
}

export function stateOf(state: EntryState): EntryState {
  const { seq, arrivedSeq, seenAt, readAt, archivedAt } = state
  return { seq, arrivedSeq, seenAt, readAt, archivedAt }
}
