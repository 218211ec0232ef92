import {
  IDEMPOTENCY_MS,
  type AcknowledgeOutcome,
  type Arrival,
  type MarkStep,
} from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import { ModelLog } from './model-log.js'
import type { RandomStart } from './operations.js'

interface KeptAnswer {
  fingerprint: string
  id: string
  expiresAt: number
}

/** What a store is, without disk, threads or SQL: as plain as it can be said. */
export class Model {
  readonly users = new Map<string, ModelLog>()
  /** The users of each notification, by its id. */
  readonly notifications = new Map<string, readonly string[]>()
  readonly #keys = new Map<string, KeptAnswer>()

  /** What becomes of a send: with the id of the receipt, and the arrivals. */
  send(command: {
    id: string
    type: string
    users: readonly string[]
    key: string | undefined
    fingerprint: string
    at: number
  }): { kind: string; id?: string; arrivals?: Arrival[] } {
    const { id, type, users, key, fingerprint, at } = command
    const kept = key === undefined ? undefined : this.#keys.get(key)
    if (kept && kept.expiresAt > at) {
      return kept.fingerprint === fingerprint
        ? { kind: 'replayed', id: kept.id }
        : { kind: 'key_reused' }
    }
    if (key !== undefined) this.#keys.set(key, { fingerprint, id, expiresAt: at + IDEMPOTENCY_MS })
    this.notifications.set(id, users)
    const arrivals = users.map((user) => ({ user, ...this.#make(user).append(id, type) }))
    return { kind: 'accepted', id, arrivals }
  }

  open(command: { user: string; device: string; start: RandomStart; at: number }): {
    latest: number
    cursor: number
    position: number
    strayed: boolean
  } {
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

  /** The rows of a notification's deliveries, in no order. */
  deliveries(id: string): Delivery[] {
    return (this.notifications.get(id) ?? []).flatMap((user): Delivery[] => {
      const log = this.log(user)
      const entry = log.entry(id)
      if (!entry) throw new Error('a user of a notification has no entry of it')
      const seen = { seenAt: timestamp(entry.seenAt), readAt: timestamp(entry.readAt) }
      if (log.devices.size === 0) {
        return [{ user, device: null, status: 'pending', deliveredAt: null, ...seen }]
      }
      return [...log.devices].map(([device, { cursor, delivered }]): Delivery => {
        const deliveredAt = timestamp(delivered.get(id) ?? null)
        if (deliveredAt !== null) return { user, device, status: 'delivered', deliveredAt, ...seen }
        const status = cursor >= entry.seq ? 'skipped' : 'pending'
        return { user, device, status, deliveredAt, ...seen }
      })
    })
  }

  /** The log of a user; an empty one, which is not kept, of who is not known. */
  log(user: string): ModelLog {
    return this.users.get(user) ?? new ModelLog()
  }

  #make(user: string): ModelLog {
    const log = this.log(user)
    this.users.set(user, log)
    return log
  }
}

function timestamp(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
