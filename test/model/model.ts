import type { SendReceipt } from '../../src/protocol/send.js'
import { ModelConnection } from './connection.js'
import { ModelDevice, type ModelStart } from './device.js'
import { USERS, type Slot, type UserName } from './names.js'

/** A user's log: the id at index 0 has `seq` 1. Nothing is marked or removed yet, so its length is `latest` and both counts. */
interface ModelUser {
  log: string[]
  devices: Map<string, ModelDevice>
}

/** A notification that was accepted, with the users whom it reached. */
interface ModelNotification {
  id: string
  users: readonly UserName[]
}

/** Contract §1 as plain as it can be said: logs, the devices that read them, and the connections of those. */
export class Model {
  readonly users: Readonly<Record<UserName, ModelUser>> = {
    alice: { log: [], devices: new Map() },
    bob: { log: [], devices: new Map() },
  }
  readonly connections = new Map<Slot, ModelConnection>()
  readonly notifications: ModelNotification[] = []
  /** What was sent with an idempotency key, and the first answer, by key. */
  readonly keys = new Map<string, { body: string; receipt: SendReceipt }>()

  latest(user: UserName): number {
    return this.users[user].log.length
  }

  /** A notification was accepted; its `seq` in the log of each user. */
  send(users: readonly UserName[], id: string): number[] {
    this.notifications.push({ id, users })
    const seqs = users.map((user) => this.users[user].log.push(id))
    for (const connection of this.connections.values()) connection.advance()
    return seqs
  }

  device(user: UserName, name: string): ModelDevice {
    const { devices } = this.users[user]
    const device = devices.get(name) ?? new ModelDevice()
    devices.set(name, device)
    return device
  }

  /** A connection was welcomed. */
  connect(
    slot: Slot,
    { user, device, start }: { user: UserName; device: string; start: ModelStart },
    welcome: { cursor: number; latest: number },
  ): void {
    const settled = this.device(user, device).open(start, welcome.latest, welcome.cursor)
    const { log } = this.users[user]
    this.connections.set(slot, new ModelConnection({ user, device, log, welcome, start: settled }))
  }

  /** The service came back over the same file. */
  restarted(): void {
    this.connections.clear()
    for (const user of USERS) {
      for (const device of this.users[user].devices.values()) device.restarted()
    }
  }
}
