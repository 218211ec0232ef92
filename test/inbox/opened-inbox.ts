import { Traffic } from '../../src/telemetry/traffic.js'
import { join } from 'node:path'
import { recall } from '../../src/inbox/recall.js'
import { send, type Send, type Sent } from '../../src/inbox/send.js'
import type { ServiceName } from '../../src/inbox/store.js'
import { InProcessWake, type LogMove } from '../../src/inbox/wake.js'
import { NotificationContent } from '../../src/protocol/notification.js'
import { parseSendRequest, type RecallReceipt } from '../../src/protocol/send.js'
import { SqliteStore } from '../../src/store/sqlite/store.js'
import { temporaryFolder } from '../harness.js'
import { nobodyLive } from '../nobody-live.js'
import { entriesIn, type Told } from '../told-entries.js'

/** When the tests' clocks begin. */
export const AT = Date.UTC(2026, 10, 22, 10)

export const SHOP: ServiceName = { issuer: 'https://issuer.example', subject: 'shop' }

/** A real store in a file of its own, a clock that the test owns, and the moves that were published. */
export interface OpenedInbox {
  readonly store: SqliteStore
  readonly wake: InProcessWake
  readonly moves: LogMove[]
  /** What the clock tells. */
  now: number
  readonly clock: () => number
  /** How often the caretaker was told that work for many has come. */
  hurried: number
  /** What was counted. */
  traffic: Traffic
  /** Sends a body as it comes from outside. */
  send(body: unknown, options?: Partial<Send>): Promise<Sent>
  /** Takes back what was sent. */
  recall(id: string, sender?: ServiceName): Promise<{ receipt: RecallReceipt; pending: boolean }>
  /** The log of a user, from its beginning, as a device sees it that has nothing. */
  log(user: string): Promise<Told[]>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openInbox({ inboxLimit = 1_000 } = {}): Promise<OpenedInbox> {
  const folder = temporaryFolder()
  const store = await SqliteStore.open(join(folder.path, 'posthorn.db'), { inboxLimit })
  const wake = new InProcessWake()
  const moves: LogMove[] = []
  wake.subscribe((move) => void moves.push(move))
  const clock = (): number => inbox.now
  const caretaker = { hurry: () => void inbox.hurried++ }
  const inbox: OpenedInbox = {
    store,
    wake,
    moves,
    now: AT,
    clock,
    hurried: 0,
    traffic: new Traffic(),
    send: (body, options = {}) =>
      send(
        { store, live: nobodyLive, wake, clock, caretaker, traffic: inbox.traffic },
        {
          sender: SHOP,
          request: parseSendRequest(body, clock()),
          idempotencyKey: undefined,
          ...options,
        },
      ),
    recall: (id, sender = SHOP) => recall({ store, wake, clock, caretaker }, { id, sender }),
    async log(user) {
      const all = { after: 0, limit: 10_000, maxBytes: 64 * 1024 * 1024 }
      return entriesIn(await store.changes({ user, at: clock(), ...all }))
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      folder[Symbol.dispose]()
    },
  }
  return inbox
}

/** The content of a change that comes whole. */
export function contentOf(change: Told | undefined): NotificationContent {
  if (change?.kind !== 'whole') throw new Error(`not whole: ${JSON.stringify(change)}`)
  return NotificationContent.parse(JSON.parse(change.contentJson))
}

/** Of each change its `seq`, and its title or why it was removed. */
export const told = (changes: readonly Told[]): [number, string | null][] =>
  changes.map((change) => [
    change.seq,
    change.kind === 'removed'
      ? change.reason
      : change.kind === 'whole'
        ? contentOf(change).title
        : change.id,
  ])
