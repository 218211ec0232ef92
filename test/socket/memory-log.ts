import { settleStart } from '../../src/inbox/start.js'
import type {
  Acknowledge,
  AcknowledgeOutcome,
  Change,
  ChangesPage,
  ChangesQuery,
  OpenDevice,
  OpenedDevice,
} from '../../src/inbox/store.js'
import { notificationFrame } from '../../src/protocol/down/notification.js'
import { updatedFrame } from '../../src/protocol/down/updated.js'
import type { EntryState } from '../../src/protocol/notification.js'
import type { LiveMove } from '../../src/socket/log-reader.js'
import type { SessionContext } from '../../src/socket/session-context.js'

/** When everything here is marked. */
export const MARKED_AT = Date.UTC(2026, 10, 22, 10)

/** What took a `seq`: an entry as it stood there, until it moved on, and the counts as of then. */
export interface Standing {
  id: string
  contentJson: string
  /** Where it stood before; undefined where it arrived here. */
  from: number | undefined
  state: EntryState
  unread: number
  unseen: number
}

/** The log of one user in memory. It answers when the test lets it, so that a test can put things in between. */
export class MemoryLog {
  readonly epoch = 'an-epoch'
  /** What took each `seq`, from 1 on, also where it has moved on since. */
  readonly history: Standing[] = []
  readonly cursors = new Map<string, number>()
  /** The ids of what each device has acknowledged, where it stood then. */
  readonly deliveries = new Map<string, Set<string>>()
  readonly acknowledged: number[] = []
  readonly asked: ChangesQuery[] = []
  /** Set to make the store fail from now on. */
  failure: Error | undefined
  #held: (() => void)[] | undefined
  readonly #places = new Map<string, number>()

  get latest(): number {
    return this.history.length
  }

  /** Appends an entry and tells its `seq`. */
  append(title = 'x'): number {
    const seq = this.latest + 1
    const id = `0199a3c0-0000-7000-8000-${String(seq).padStart(12, '0')}`
    const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
    return this.#stand({ id, contentJson: contentOf(id, title), from: undefined, state })
  }

  /** Marks the entry that stands at `from` as read, or as unread where it is read; tells the `seq` that it takes. */
  move(from: number): number {
    const { id, contentJson, state: before } = this.at(from)
    if (!this.rests(from)) throw new Error(`nothing stands at ${from} any more`)
    const { seenAt, readAt } = before
    const read = { seenAt: seenAt ?? MARKED_AT, readAt: readAt === null ? MARKED_AT : null }
    return this.#stand({
      id,
      contentJson,
      from,
      state: { ...before, ...read, seq: this.latest + 1 },
    })
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

  /** Each `seq` after a position where an entry stands now. */
  restingAfter(position: number): number[] {
    return this.history
      .slice(position)
      .flatMap(({ state: { seq } }) => (this.rests(seq) ? [seq] : []))
  }

  /** The wake of what took a `seq`; one that carries nothing only says that something moved. */
  wakeOf(seq: number, carries = true): LiveMove {
    const { id, contentJson, from, state, unread, unseen } = this.at(seq)
    const counts = { unread, unseen }
    const user = 'alice'
    if (!carries) return { user, seq, change: undefined, frame: undefined }
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

  /** The device has everything up to `seq`; or, where it `skips`, it passes it unread. */
  advance(device: string, seq: number, { skips = false } = {}): number {
    const cursor = this.cursors.get(device) ?? 0
    const deliveries = this.deliveries.get(device) ?? new Set()
    this.deliveries.set(device, deliveries)
    for (const covered of skips ? [] : this.restingAfter(cursor)) {
      if (covered <= seq) deliveries.add(this.at(covered).id)
    }
    this.cursors.set(device, Math.max(cursor, seq))
    return Math.max(cursor, seq)
  }

  /** From now on answers wait for `release`. */
  hold(): void {
    this.#held ??= []
  }

  /** Lets the answers that wait go. */
  async release(): Promise<void> {
    const held = this.#held ?? []
    this.#held = undefined
    for (const answer of held) answer()
    await settled()
  }

  readonly store: SessionContext['store'] = {
    openDevice: (command) => this.#answer(() => this.#openDevice(command)),
    acknowledge: (command) => this.#answer(() => this.#acknowledge(command)),
    changes: (query) => this.#answer(() => this.#changes(query)),
  }

  #stand(moved: Omit<Standing, 'unread' | 'unseen'>): number {
    const { seq } = moved.state
    this.#places.set(moved.id, seq)
    const standing = { ...moved, unread: 0, unseen: 0 }
    this.history.push(standing)
    for (const resting of this.restingAfter(0)) {
      const { readAt, seenAt } = this.at(resting).state
      standing.unread += Number(readAt === null)
      standing.unseen += Number(seenAt === null)
    }
    return seq
  }

  async #answer<Value>(value: () => Value): Promise<Value> {
    // The store answers as of the moment in which it was asked; a held answer only travels for longer.
    const answer = value()
    if (this.#held) await new Promise<void>((resolve) => this.#held?.push(resolve))
    if (this.failure) throw this.failure
    return answer
  }

  get #head() {
    const { unread, unseen } = this.history.at(-1) ?? { unread: 0, unseen: 0 }
    return { epoch: this.epoch, latest: this.latest, horizon: 0, unread, unseen }
  }

  #openDevice({ device, start }: OpenDevice): OpenedDevice {
    const settled = settleStart(start, { ...this.#head, cursor: this.cursors.get(device) ?? 0 })
    this.advance(device, settled.cursor, { skips: !settled.acknowledges })
    return { ...this.#head, ...settled }
  }

  #acknowledge({ device, seq }: Acknowledge): AcknowledgeOutcome {
    this.acknowledged.push(seq)
    if (seq > this.latest) return { kind: 'ahead', latest: this.latest }
    return { kind: 'acknowledged', cursor: this.advance(device, seq) }
  }

  /** As `src/store/sqlite/changes.ts` does. */
  #changes(query: ChangesQuery): ChangesPage {
    this.asked.push(query)
    const { reader, after, limit } = query
    const { device = '', startedAt = 0 } = reader ?? {}
    const { whole = startedAt < (this.cursors.get(device) ?? 0) } = reader ?? {}
    const entries = this.restingAfter(after)
      .slice(0, limit)
      .map((seq): Change => {
        const { id, contentJson, state } = this.at(seq)
        const has = !whole && state.arrivedSeq <= startedAt && this.deliveries.get(device)?.has(id)
        return has ? { kind: 'state', id, ...state } : { kind: 'whole', contentJson, ...state }
      })
    const last = entries.length === limit ? entries.at(-1) : undefined
    return { ...this.#head, entries, through: last?.seq ?? Math.max(after, this.latest) }
  }
}

function contentOf(id: string, title: string): string {
  return JSON.stringify({
    id,
    type: 'test',
    title,
    body: null,
    url: null,
    icon: null,
    data: null,
    priority: 'normal',
    collapseKey: null,
    topic: null,
    sender: 'shop',
    createdAt: '2026-11-22T10:00:00.000Z',
    expiresAt: null,
  })
}

/** Resolves when what was under way has settled: as many turns as the longest chain of promises here takes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}
