import type { MarkAction } from '../../src/protocol/mark.js'
import type { SendReceipt } from '../../src/protocol/send.js'
import { ModelConnection } from './connection.js'
import { ModelDevice, type ModelStart } from './device.js'
import { ModelLog, type ModelEntry } from './log.js'
import { USERS, type Slot, type UserName } from './names.js'

interface ModelUser {
  log: ModelLog
  devices: Map<string, ModelDevice>
  /** Those that were taken away, the last of each name. */
  ended: Map<string, ModelDevice>
  /** Whether the service has heard of the user: everyone are those. */
  isKnown: boolean
  /** Marks by `upTo` that were taken: five may be within a second. */
  bulkMarks: number
}

/** Whom a notification is for. */
export type ModelTarget =
  | { kind: 'users'; users: readonly UserName[] }
  | { kind: 'topic'; topic: string }
  | { kind: 'everyone' }

/** What a send says of the time and place of its notification. */
export interface Terms {
  collapseKey: string | null
  /** Seconds. */
  ttl: number | null
}

export const PLAIN: Terms = { collapseKey: null, ttl: null }

/** A notification that has arrived, with the users whom it reached. */
export interface ModelNotification {
  id: string
  users: UserName[]
  expiresAt: number
  isRecalled: boolean
  /** It was sent so long ago that nobody knows of it any more. */
  isForgotten: boolean
  /** As it was told; undefined where it counts more than the users of one run. */
  recipients: { total: number; stored: number } | undefined
}

/** A notification that waits for its time. */
export interface ModelScheduled {
  id: string
  dueAt: number
  target: ModelTarget
  terms: Terms
}

/** Contract §1 as plain as it can be said: logs, the devices that read them, and the connections of those. */
export class Model {
  readonly users: Readonly<Record<UserName, ModelUser>>
  readonly connections = new Map<Slot, ModelConnection>()
  readonly notifications: ModelNotification[] = []
  readonly scheduled: ModelScheduled[] = []
  /** Who is subscribed to each topic. */
  readonly topics = new Map<string, Set<UserName>>()
  /** What was sent with an idempotency key, and the first answer, by key. */
  readonly keys = new Map<string, { body: string; receipt: SendReceipt }>()

  constructor(inboxLimit: number) {
    const user = (): ModelUser => ({
      log: new ModelLog(inboxLimit),
      devices: new Map(),
      ended: new Map(),
      isKnown: false,
      bulkMarks: 0,
    })
    this.users = { alice: user(), bob: user() }
  }

  latest(user: UserName): number {
    return this.users[user].log.latest
  }

  /** A notification arrived; its `seq` in the log of each user. `now` is when, by the service's clock. */
  send(
    users: readonly UserName[],
    id: string,
    options: { terms?: Terms; now?: number; isForMore?: boolean } = {},
  ): number[] {
    const { terms = PLAIN, now = 0, isForMore = false } = options
    const { collapseKey, ttl } = terms
    const expiresAt = ttl === null ? Infinity : now + ttl * 1_000
    const told = { total: users.length, stored: users.length }
    const recipients = isForMore ? undefined : told
    const fresh = { isRecalled: false, isForgotten: false }
    this.notifications.push({ id, users: [...users], expiresAt, ...fresh, recipients })
    return users.map((user) => {
      this.#land(user)
      this.users[user].isKnown = true
      return this.users[user].log.append(id, { collapseKey, expiresAt })
    })
  }

  /** Whom a target means now. */
  meant(target: ModelTarget): UserName[] {
    switch (target.kind) {
      case 'users':
        return [...target.users]
      case 'topic':
        return [...(this.topics.get(target.topic) ?? [])]
      case 'everyone':
        return USERS.filter((user) => this.users[user].isKnown)
    }
  }

  /** An entry was marked, and takes the next `seq`. */
  move(user: UserName, action: MarkAction, entry: ModelEntry): void {
    this.#land(user)
    this.users[user].log.move(action, entry)
  }

  /** An entry was taken out of the inbox, and its tombstone takes the next `seq`. */
  remove(user: UserName, entry: ModelEntry, reason: 'recalled' | 'expired'): void {
    this.#land(user)
    this.users[user].log.remove(entry, reason)
  }

  /** All has grown too old. */
  age(): void {
    for (const user of USERS) {
      this.#land(user)
      this.users[user].log.age()
    }
    for (const notification of this.notifications) notification.isForgotten = true
  }

  /** When something is due by the clock alone, until `target`. */
  nextEvent(target: number): number | undefined {
    const expiries = USERS.flatMap((user) =>
      this.users[user].log.living.map(({ expiresAt }) => expiresAt),
    )
    const next = Math.min(...expiries, ...this.scheduled.map(({ dueAt }) => dueAt))
    return next <= target ? next : undefined
  }

  device(user: UserName, name: string): ModelDevice {
    const { devices, ended, log } = this.users[user]
    const device = devices.get(name) ?? ended.get(name)?.replaced() ?? new ModelDevice(log)
    devices.set(name, device)
    return device
  }

  /** A connection was welcomed; `version` is that of the log before. */
  connect(
    slot: Slot,
    of: { user: UserName; device: string; start: ModelStart },
    welcome: { cursor: number; latest: number; version: number },
  ): void {
    const { user, device: deviceName } = of
    const device = this.device(user, deviceName)
    const start = device.open(of.start, welcome.latest, welcome.cursor)
    const { log } = this.users[user]
    const { version } = welcome
    const options = { user, deviceName, device, log, welcome, start, version }
    this.connections.set(slot, new ModelConnection(options))
    this.users[user].isKnown = true
  }

  /** The service came back over the same file. */
  restarted(): void {
    this.connections.clear()
    for (const user of USERS) {
      for (const device of this.users[user].devices.values()) device.restarted()
    }
  }

  /** What is under way may land now; to be called before a log changes, or the clock. */
  landAll(): void {
    for (const user of USERS) this.#land(user)
  }

  #land(user: UserName): void {
    for (const device of this.users[user].devices.values()) device.land()
  }
}
