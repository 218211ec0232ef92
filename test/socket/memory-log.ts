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
import { toArrays } from '../told-entries.js'
import type { SessionContext } from '../../src/socket/session-context.js'
import { MemoryEntries } from './memory-entries.js'

export { MARKED_AT } from './memory-entries.js'

/** The log of one user in memory. It answers when the test lets it, so that a test can put things in between. */
export class MemoryLog extends MemoryEntries {
  readonly epoch = 'an-epoch'
  readonly cursors = new Map<string, number>()
  /** The ids of what each device has acknowledged, where it stood then. */
  readonly deliveries = new Map<string, Set<string>>()
  readonly acknowledged: number[] = []
  readonly asked: ChangesQuery[] = []
  /** Set to make the store fail from now on. */
  failure: Error | undefined
  #held: (() => void)[] | undefined

  /** The device has everything up to `seq`; or, where it `skips`, it passes it unread. */
  advance(device: string, seq: number, { skips = false } = {}): number {
    const cursor = this.cursors.get(device) ?? 0
    const deliveries = this.deliveries.get(device) ?? new Set()
    this.deliveries.set(device, deliveries)
    for (const covered of skips ? [] : this.livingAfter(cursor)) {
      if (covered <= seq && !this.hasExpired(covered)) deliveries.add(this.at(covered).id)
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

  async #answer<Value>(value: () => Value): Promise<Value> {
    // The store answers as of the moment in which it was asked; a held answer only travels for longer.
    const answer = value()
    if (this.#held) await new Promise<void>((resolve) => this.#held?.push(resolve))
    if (this.failure) throw this.failure
    return answer
  }

  get #head() {
    return { epoch: this.epoch, latest: this.latest, horizon: this.horizon, ...this.counts }
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
    const { reader, after, limit, at, replayedTo = Infinity } = query
    const { device = '', startedAt = 0 } = reader ?? {}
    const { whole = startedAt < (this.cursors.get(device) ?? 0) } = reader ?? {}
    const entries = this.restingAfter(after)
      .filter((seq) => !this.hasExpired(seq, at))
      .slice(0, limit)
      .map((seq): Change => {
        const { id, contentJson, state, removed: reason, collapseKey } = this.at(seq)
        if (reason) return { kind: 'removed', seq, id, collapseKey, reason }
        const has = !whole && state.arrivedSeq <= startedAt && this.deliveries.get(device)?.has(id)
        return has ? { kind: 'state', id, ...state } : { kind: 'whole', contentJson, ...state }
      })
    const last = entries.length === limit ? entries.at(-1) : undefined
    const arrays = toArrays(entries, replayedTo, this.#head)
    return { ...this.#head, arrays, through: last?.seq ?? Math.max(after, this.latest) }
  }
}

/** Resolves when what was under way has settled: as many turns as the longest chain of promises here takes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}
