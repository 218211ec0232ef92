import { IDEMPOTENCY_MS } from '../../../src/inbox/store.js'
import type { Delivery } from '../../../src/protocol/deliveries.js'
import type { RandomStart } from './operations.js'

interface ModelDevice {
  cursor: number
  /** When each notification was first covered, by its id. */
  delivered: Map<string, number>
}

interface ModelUser {
  /** The ids of the log: the one at index 0 has `seq` 1. */
  log: string[]
  devices: Map<string, ModelDevice>
}

interface KeptAnswer {
  fingerprint: string
  id: string
  expiresAt: number
}

/** What a store is, without disk, threads or SQL: as plain as it can be said. */
export class Model {
  readonly users = new Map<string, ModelUser>()
  /** The users of each notification, by its id. */
  readonly notifications = new Map<string, readonly string[]>()
  readonly #keys = new Map<string, KeptAnswer>()

  /** What becomes of a send: with the id of the receipt, and the `seq` of each arrival. */
  send(command: {
    id: string
    users: readonly string[]
    key: string | undefined
    fingerprint: string
    at: number
  }): { kind: string; id?: string; seqs?: number[] } {
    const { id, users, key, fingerprint, at } = command
    const kept = key === undefined ? undefined : this.#keys.get(key)
    if (kept && kept.expiresAt > at) {
      return kept.fingerprint === fingerprint
        ? { kind: 'replayed', id: kept.id }
        : { kind: 'key_reused' }
    }
    if (key !== undefined) this.#keys.set(key, { fingerprint, id, expiresAt: at + IDEMPOTENCY_MS })
    this.notifications.set(id, users)
    return { kind: 'stored', id, seqs: users.map((user) => this.#user(user).log.push(id)) }
  }

  open(command: { user: string; device: string; start: RandomStart; at: number }): {
    latest: number
    cursor: number
    position: number
    strayed: boolean
  } {
    const { start, at } = command
    const user = this.#user(command.user)
    const device = user.devices.get(command.device) ?? { cursor: 0, delivered: new Map() }
    user.devices.set(command.device, device)
    const latest = user.log.length
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
        advance(user, device, start.cursor, at)
      }
    }
    return { latest, cursor: device.cursor, position, strayed }
  }

  /** Where the cursor stands then; undefined where nothing may change. */
  acknowledge(command: {
    user: string
    device: string
    ownEpoch: boolean
    seq: number
    at: number
  }): number | undefined {
    const user = this.users.get(command.user)
    const device = user?.devices.get(command.device)
    if (!user || !device || !command.ownEpoch) return undefined
    advance(user, device, command.seq, command.at)
    return device.cursor
  }

  /** The rows of a notification's deliveries, in no order. */
  deliveries(id: string): Delivery[] {
    const rest = { seenAt: null, readAt: null }
    return (this.notifications.get(id) ?? []).flatMap((name): Delivery[] => {
      const { log, devices } = this.#user(name)
      if (devices.size === 0) {
        return [{ user: name, device: null, status: 'pending', deliveredAt: null, ...rest }]
      }
      return [...devices].map(([device, { cursor, delivered }]): Delivery => {
        const at = delivered.get(id)
        if (at !== undefined) {
          const deliveredAt = new Date(at).toISOString()
          return { user: name, device, status: 'delivered', deliveredAt, ...rest }
        }
        const status = cursor > log.indexOf(id) ? 'skipped' : 'pending'
        return { user: name, device, status, deliveredAt: null, ...rest }
      })
    })
  }

  #user(name: string): ModelUser {
    const user = this.users.get(name) ?? { log: [], devices: new Map() }
    this.users.set(name, user)
    return user
  }
}

function advance({ log }: ModelUser, device: ModelDevice, to: number, at: number): void {
  for (const id of log.slice(device.cursor, Math.max(device.cursor, to))) {
    device.delivered.set(id, at)
  }
  device.cursor = Math.max(device.cursor, Math.min(to, log.length))
}
