import { settleStart } from '../../inbox/start.js'
import type {
  Acknowledge,
  AcknowledgeOutcome,
  DeviceBounds,
  OpenDevice,
  OpenedDevice,
} from '../../inbox/store.js'
import type { RemovedDevice } from '../../inbox/stores/people.js'
import type { Connection } from './database.js'
import { prepareHead } from './head.js'
import { prepareMakeUser } from './users.js'

interface DeviceRow {
  id: number
  user: number
  cursor: number
}

/** Moves a device's cursor forward; with `records`, a delivery for each living entry that it covers. */
function prepareAdvance(connection: Connection) {
  const record = connection.prepare<[number, number, number, number, number, number]>(
    `INSERT OR IGNORE INTO deliveries (notification, device, delivered_at)
     SELECT notification, ?, ? FROM inbox
     WHERE user = ? AND seq > ? AND seq <= ? AND removed IS NULL
       AND (expires_at IS NULL OR expires_at > ?)`,
  )
  const move = connection.prepare<[number, number, number]>(
    'UPDATE devices SET cursor = ?, last_seen_at = ? WHERE id = ?',
  )
  return (device: DeviceRow, to: number, records: boolean, at: number): void => {
    if (records && to > device.cursor) {
      record.run(device.id, at, device.user, device.cursor, to, at)
    }
    move.run(to, at, device.id)
  }
}

/** Makes the device, and its user, where they are new, and settles where the connection starts. */
export function prepareOpenDevice(
  connection: Connection,
): (command: OpenDevice & DeviceBounds) => OpenedDevice & { evicted: RemovedDevice[] } {
  const makeUser = prepareMakeUser(connection)
  const head = prepareHead(connection)
  const seeDevice = connection.prepare<[number, number, string], DeviceRow>(
    'UPDATE devices SET last_seen_at = ? WHERE user = ? AND name = ? RETURNING id, user, cursor',
  )
  const makeDevice = connection.prepare<[number, number, number, string], DeviceRow>(
    `INSERT INTO devices (last_seen_at, created_at, user, name, cursor) VALUES (?, ?, ?, ?, 0)
     RETURNING id, user, cursor`,
  )
  const advance = prepareAdvance(connection)
  const evict = prepareEvict(connection)

  return ({ user, device: name, start, at, ...bounds }) => {
    let { id, ...log } = head(user)
    if (id === undefined) {
      makeUser(user)
      ;({ id, ...log } = head(user))
    }
    if (id === undefined) throw new Error('a user who was just made is not there')
    const known = seeDevice.get(at, id, name)
    const device = known ?? makeDevice.get(at, at, id, name)
    if (!device) throw new Error('an insert returned no row')
    const settled = settleStart(start, { ...log, cursor: device.cursor })
    if (settled.cursor > device.cursor) advance(device, settled.cursor, settled.acknowledges, at)
    return {
      ...log,
      cursor: settled.cursor,
      position: settled.position,
      strayed: settled.strayed,
      evicted: known ? [] : evict(device, bounds),
    }
  }
}

/**
 * Opens a device that is known without a write, for while none can be made: the stored cursor stays where it is. Undefined where it
 * would have to be made, or has to move at once.
 */
export function prepareOpenKnownDevice(
  connection: Connection,
): (command: OpenDevice) => OpenedDevice | undefined {
  const head = prepareHead(connection)
  const find = connection
    .prepare<[number, string], number>('SELECT cursor FROM devices WHERE user = ? AND name = ?')
    .pluck()
  return ({ user, device, start }) => {
    const { id, ...log } = head(user)
    const cursor = id === undefined ? undefined : find.get(id, device)
    // What `latest` skips must be skipped for good: it would come at the next start.
    if (cursor === undefined || start.kind === 'latest') return undefined
    const { position, strayed } = settleStart(start, { ...log, cursor })
    return { ...log, cursor, position, strayed }
  }
}

/** Makes room for a device that is new. */
function prepareEvict(connection: Connection) {
  const count = connection
    .prepare<[number], number>('SELECT count(*) FROM devices WHERE user = ?')
    .pluck()
  const select = connection.prepare<
    { user: number; device: number; online: string; surplus: number },
    { id: number; name: string }
  >(
    `SELECT id, name FROM devices WHERE user = :user AND id <> :device
     ORDER BY name IN (SELECT value FROM json_each(:online) AS wanted), last_seen_at, id
     LIMIT +:surplus`,
  )
  const remove = connection.prepare<[number]>('DELETE FROM devices WHERE id = ?')

  return (device: DeviceRow, { maxDevices = Infinity, online = [] }: DeviceBounds) => {
    const { user } = device
    const surplus = (count.get(user) ?? 0) - maxDevices
    if (surplus <= 0) return []
    const found = select.all({ user, device: device.id, online: JSON.stringify(online), surplus })
    for (const { id } of found) remove.run(id)
    return found.map(({ id, name }): RemovedDevice => ({ name, user, device: id }))
  }
}

/** Moves the cursor of each device up to the `seq` that it has acknowledged. */
export function prepareAcknowledge(
  connection: Connection,
): (commands: readonly Acknowledge[]) => AcknowledgeOutcome[] {
  // Asked for each device that has a notification, so that one look finds all: the life and the end of the log, and the device.
  const find = connection.prepare<
    [string, string],
    { epoch: string; latest: number | null } & (DeviceRow | Record<keyof DeviceRow, null>)
  >(
    `SELECT meta.epoch || '.' || ifnull(users.life, meta.erasures) AS epoch, users.latest AS latest,
       devices.id AS id, devices.user AS user, devices.cursor AS cursor
     FROM meta LEFT JOIN users ON users.name = ?
     LEFT JOIN devices ON devices.user = users.id AND devices.name = ?`,
  )
  const advance = prepareAdvance(connection)

  const acknowledge = ({ user, device: name, epoch, seq, at }: Acknowledge): AcknowledgeOutcome => {
    const found = find.get(user, name)
    if (found?.epoch !== epoch) return { kind: 'other_epoch' }
    const { latest, ...device } = found
    if (latest === null || device.id === null) return { kind: 'unknown_device' }
    if (seq > latest) return { kind: 'ahead', latest }
    const cursor = Math.max(device.cursor, seq)
    advance(device, cursor, true, at)
    return { kind: 'acknowledged', cursor }
  }
  return (commands) => commands.map(acknowledge)
}
