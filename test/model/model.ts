import type { MarkAction } from '../../src/protocol/mark.js'
import type { SendReceipt } from '../../src/protocol/send.js'
import { ModelConnection } from './connection.js'
import { ModelDevice, type ModelStart } from './device.js'
import { ModelLog, type ModelEntry } from './log.js'
import { USERS, type Slot, type UserName } from './names.js'

interface ModelUser {
  log: ModelLog
  devices: Map<string, ModelDevice>
  /** Marks by `upTo` that were taken: five may be within a second. */
  bulkMarks: number
}

const newUser = (): ModelUser => ({ log: new ModelLog(), devices: new Map(), bulkMarks: 0 })

/** A notification that was accepted, with the users whom it reached. */
interface ModelNotification {
  id: string
  users: readonly UserName[]
}

/** Contract §1 as plain as it can be said: logs, the devices that read them, and the connections of those. */
export class Model {
  readonly users: Readonly<Record<UserName, ModelUser>> = {
    alice: newUser(),
    bob: newUser(),
  }
  readonly connections = new Map<Slot, ModelConnection>()
  readonly notifications: ModelNotification[] = []
  /** What was sent with an idempotency key, and the first answer, by key. */
  readonly keys = new Map<string, { body: string; receipt: SendReceipt }>()

  latest(user: UserName): number {
    return this.users[user].log.latest
  }

  /** A notification was accepted; its `seq` in the log of each user. */
  send(users: readonly UserName[], id: string): number[] {
    this.notifications.push({ id, users })
    return users.map((user) => this.users[user].log.append(id))
  }

  /** An entry was marked, and takes the next `seq`. */
  move(user: UserName, action: MarkAction, entry: ModelEntry): void {
    const { devices, log } = this.users[user]
    for (const device of devices.values()) device.land()
    log.move(action, entry)
  }

  device(user: UserName, name: string): ModelDevice {
    const { devices, log } = this.users[user]
    const device = devices.get(name) ?? new ModelDevice(log)
    devices.set(name, device)
    return device
  }

  /** A connection was welcomed. */
  connect(
    slot: Slot,
    of: { user: UserName; device: string; start: ModelStart },
    welcome: { cursor: number; latest: number },
  ): void {
    const { user, device: deviceName } = of
    const device = this.device(user, deviceName)
    const start = device.open(of.start, welcome.latest, welcome.cursor)
    const { log } = this.users[user]
    const options = { user, deviceName, device, log, welcome, start }
    this.connections.set(slot, new ModelConnection(options))
  }

  /** The service came back over the same file. */
  restarted(): void {
    this.connections.clear()
    for (const user of USERS) {
      for (const device of this.users[user].devices.values()) device.restarted()
    }
  }
}
