import { settleStart } from '../../src/inbox/start.js'
import type {
  Acknowledge,
  ChangesPage,
  ChangesQuery,
  OpenDevice,
  OpenedDevice,
} from '../../src/inbox/store.js'
import type { SessionContext } from '../../src/socket/session-context.js'

/** The log of one user in memory. It answers when the test lets it, so that a test can put things in between. */
export class MemoryLog {
  readonly epoch = 'an-epoch'
  readonly contents: string[] = []
  readonly cursors = new Map<string, number>()
  readonly acknowledged: number[] = []
  readonly asked: ChangesQuery[] = []
  /** Set to make the store fail from now on. */
  failure: Error | undefined
  #held: (() => void)[] | undefined

  /** Appends an entry and tells its `seq`. */
  append(title = 'x'): number {
    const seq = this.contents.length + 1
    this.contents.push(
      JSON.stringify({
        id: `0199a3c0-0000-7000-8000-${String(seq).padStart(12, '0')}`,
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
      }),
    )
    return seq
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
    const latest = this.contents.length
    return { epoch: this.epoch, latest, horizon: 0, unread: latest, unseen: latest }
  }

  #openDevice({ device, start }: OpenDevice): OpenedDevice {
    const cursor = this.cursors.get(device) ?? 0
    const settled = settleStart(start, { ...this.#head, cursor })
    this.cursors.set(device, settled.cursor)
    return { ...this.#head, ...settled }
  }

  #acknowledge({ device, seq }: Acknowledge): { cursor: number } {
    this.acknowledged.push(seq)
    const cursor = Math.max(this.cursors.get(device) ?? 0, seq)
    this.cursors.set(device, cursor)
    return { cursor }
  }

  #changes(query: ChangesQuery): ChangesPage {
    this.asked.push(query)
    const entries = this.contents
      .map((contentJson, index) => ({
        seq: index + 1,
        arrivedSeq: index + 1,
        seenAt: null,
        readAt: null,
        archivedAt: null,
        contentJson,
      }))
      .slice(query.after, query.after + query.limit)
    const full = entries.length === query.limit
    return {
      ...this.#head,
      entries,
      through: full ? query.after + entries.length : this.#head.latest,
    }
  }
}

/** Resolves when what was under way has settled: as many turns as the longest chain of promises here takes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
}
