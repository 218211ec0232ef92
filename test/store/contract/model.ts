import {
  IDEMPOTENCY_MS,
  type AcknowledgeOutcome,
  type Arrival,
  type MarkStep,
} from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import { hasExpired, ModelLog } from './model-log.js'
import { ModelNotifications, type ModelTarget } from './model-notifications.js'
import type { RandomStart } from './operations.js'

/** What the sender is told, without times. */
interface ModelReceipt {
  id: string
  status: 'stored' | 'scheduled' | 'fanning_out'
  recipients: { total: number; stored: number }
}

interface KeptAnswer {
  fingerprint: string
  receipt: ModelReceipt
  expiresAt: number
}

export interface ModelSend {
  id: string
  type: string
  target: ModelTarget
  collapseKey: string | undefined
  expiresAt: number | undefined
  dueAt: number | undefined
  key: string | undefined
  fingerprint: string
  at: number
}

/** What a store is, without disk, threads or SQL: as plain as it can be said. */
export class Model {
  readonly users = new Map<string, ModelLog>()
  readonly notifications = new ModelNotifications(this.users, (user) => this.#make(user))
  /** Of all that was ever taken, in order. */
  readonly ids: string[] = []
  readonly #keys = new Map<string, KeptAnswer>()
  readonly #inboxLimit: number

  constructor(inboxLimit: number) {
    this.#inboxLimit = inboxLimit
  }

  /** What becomes of a send: with the receipt, and the arrivals. */
  send(command: ModelSend): { kind: string; receipt?: ModelReceipt; arrivals?: Arrival[] } {
    const { id, key, fingerprint, at } = command
    const kept = key === undefined ? undefined : this.#keys.get(key)
    if (kept && kept.expiresAt > at) {
      return kept.fingerprint === fingerprint
        ? { kind: 'replayed', receipt: kept.receipt }
        : { kind: 'key_reused' }
    }
    this.ids.push(id)
    const { arrivals, ...receipt } = this.#take(command)
    if (key !== undefined) {
      this.#keys.set(key, { fingerprint, receipt, expiresAt: at + IDEMPOTENCY_MS })
    }
    return { kind: 'accepted', receipt, arrivals }
  }

  #take({ target, dueAt, at, ...command }: ModelSend): ModelReceipt & { arrivals: Arrival[] } {
    const { id, type, collapseKey, expiresAt } = command
    const content = { id, type, collapseKey, expiresAt }
    if (dueAt !== undefined) {
      this.notifications.scheduled.push({ content, dueAt, target })
      const recipients = { total: target === 'everyone' ? 0 : target.length, stored: 0 }
      return { id, status: 'scheduled', recipients, arrivals: [] }
    }
    const { notification, arrivals } = this.notifications.accept(content, target, at)
    const status = notification.status === 'fanning_out' ? 'fanning_out' : 'stored'
    return { id, status, recipients: { ...notification.recipients }, arrivals }
  }

  open(command: { user: string; device: string; start: RandomStart; at: number }) {
    const { start, at } = command
    const log = this.#make(command.user)
    const device = log.device(command.device)
    const { latest } = log
    let position = device.cursor
    let strayed = false
    if (start.kind === 'latest') {
      position = latest
      device.cursor = latest
    }
    if (start.kind === 'cursor') {
      strayed = !start.ownEpoch || start.cursor > latest
      if (!strayed) {
        position = start.cursor
        log.advance(device, start.cursor, at)
      }
    }
    return { latest, cursor: device.cursor, position, strayed }
  }

  acknowledge(command: {
    user: string
    device: string
    ownEpoch: boolean
    seq: number
    at: number
  }): AcknowledgeOutcome {
    if (!command.ownEpoch) return { kind: 'other_epoch' }
    const log = this.users.get(command.user)
    const device = log?.devices.get(command.device)
    if (!log || !device) return { kind: 'unknown_device' }
    if (command.seq > log.latest) return { kind: 'ahead', latest: log.latest }
    log.advance(device, command.seq, command.at)
    return { kind: 'acknowledged', cursor: device.cursor }
  }

  /** What a mark moves, and where the log and the counts stand then. */
  mark(command: Omit<MarkStep, 'user'> & { user: string; ownEpoch: boolean }) {
    const log = this.log(command.user)
    const nothing = { moved: [], next: undefined }
    const done = command.ownEpoch ? log.mark(command) : nothing
    return { ...done, latest: log.latest, ...log.counts() }
  }

  /** Sweeps what has expired: first what did first, of one time by user and `seq`. */
  expire(at: number, limit: number) {
    const removals: ({ user: string } & ReturnType<ModelLog['remove']>)[] = []
    while (removals.length < limit) {
      const [first] = [...this.users]
        .flatMap(([user, log]) => log.list('all').map((entry) => ({ user, log, entry })))
        .filter(({ entry }) => hasExpired(entry, at))
        // What is equal stays in the order of the users.
        .toSorted(({ entry: a }, { entry: b }) => a.seq - b.seq)
        .toSorted((a, b) => this.#order(a.user) - this.#order(b.user))
        .toSorted(({ entry: a }, { entry: b }) => endOf(a) - endOf(b))
      if (!first) break
      const { user, log, entry } = first
      removals.push({ user, ...log.remove(entry, 'expired', at) })
    }
    return removals
  }

  /** What is known of a notification as a whole, to one who forgets what was accepted up to a time. */
  overview(id: string, at: number, keptAfter: number) {
    const waiting = this.notifications.scheduled.find(({ content }) => content.id === id)
    if (waiting) {
      const total = waiting.target === 'everyone' ? 0 : waiting.target.length
      return { status: 'scheduled', recipients: { total, stored: 0 } }
    }
    const notification = this.notifications.all.get(id)
    if (!notification) return undefined
    const { status, acceptedAt, recipients } = notification
    const isHad = [...this.users.values()].some((log) => log.entry(id))
    if (acceptedAt <= keptAfter && status !== 'fanning_out' && !isHad) return undefined
    const isOver = status === 'stored' && hasExpired(notification, at)
    return { status: isOver ? 'expired' : status, recipients }
  }

  /** The rows of a notification's deliveries, in no order. */
  deliveries(id: string, at: number): Delivery[] {
    if (!this.notifications.all.has(id)) return []
    return [...this.users].flatMap(([user, log]): Delivery[] => {
      const row = log.row(id)
      const found = row ?? log.ends.get(id)
      if (!found) return []
      const expired = row && hasExpired(row, at) ? 'expired' : undefined
      const ended = row ? (row.removed ?? expired) : log.ends.get(id)?.outcome
      const seen = { seenAt: timestamp(found.seenAt), readAt: timestamp(found.readAt) }
      if (log.devices.size === 0) {
        return [{ user, device: null, status: ended ?? 'pending', deliveredAt: null, ...seen }]
      }
      return [...log.devices].map(([device, { cursor, delivered }]): Delivery => {
        const deliveredAt = timestamp(delivered.get(id) ?? null)
        if (deliveredAt !== null) return { user, device, status: 'delivered', deliveredAt, ...seen }
        const living = row && cursor >= row.seq ? 'skipped' : 'pending'
        return { user, device, status: ended ?? living, deliveredAt, ...seen }
      })
    })
  }

  due(at: number) {
    const logs = [...this.users.values()]
    return {
      expired: logs.some((log) => log.list('all').some((entry) => hasExpired(entry, at))),
      scheduled: this.notifications.scheduled.some(({ dueAt }) => dueAt <= at),
      fanOuts: this.notifications.hasWork,
      erasures: false,
    }
  }

  /** The log of a user; an empty one, which is not kept, of who is not known. */
  log(user: string): ModelLog {
    return this.users.get(user) ?? new ModelLog(this.#inboxLimit)
  }

  #make(user: string): ModelLog {
    const log = this.log(user)
    this.users.set(user, log)
    return log
  }

  #order(user: string): number {
    return [...this.users.keys()].indexOf(user)
  }
}

function endOf({ content }: { content: { expiresAt: number | undefined } }): number {
  return content.expiresAt ?? Infinity
}

function timestamp(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
