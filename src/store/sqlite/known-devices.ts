import type {
  DevicesPage,
  DevicesQuery,
  ForgetDeliveries,
  KnownDevice,
  RemoveDevice,
  RemovedDevice,
  SeeDevice,
  DeliveriesStep,
  UnseenDevices,
  UnseenQuery,
} from '../../inbox/stores/people.js'
import type { Connection } from './database.js'
import { prepareHead } from './head.js'

/** The devices of a user, in the order in which they came. */
export function prepareDevices(connection: Connection): (query: DevicesQuery) => DevicesPage {
  const head = prepareHead(connection)
  const select = connection.prepare<
    [{ user: number; device: string | null; after: number; limit: number }],
    KnownDevice & { id: number }
  >(
    `SELECT id, name AS device, cursor, created_at AS createdAt, last_seen_at AS lastSeenAt
     FROM devices WHERE user = :user AND id > :after AND (:device IS NULL OR name = :device)
     ORDER BY id LIMIT +:limit`,
  )
  return ({ user: name, device = null, after = 0, limit }) => {
    const { id: user, latest } = head(name)
    // One more than asked for tells whether there is a next page.
    const found = user === undefined ? [] : select.all({ user, device, after, limit: limit + 1 })
    const rows = found.slice(0, limit)
    return {
      items: rows.map(({ id: _id, ...device }) => device),
      latest,
      next: found.length > limit ? rows.at(-1)?.id : undefined,
    }
  }
}

/** Notes that a device was there. */
export function prepareSeeDevice(connection: Connection): (command: SeeDevice) => void {
  const head = prepareHead(connection)
  const see = connection.prepare<{ user: number; device: string; at: number }>(
    `UPDATE devices SET last_seen_at = :at
     WHERE user = :user AND name = :device AND last_seen_at < :at`,
  )
  return ({ user: name, device, epoch, at }) => {
    const { id: user, epoch: current } = head(name)
    if (user === undefined || (epoch !== undefined && epoch !== current)) return
    see.run({ user, device, at })
  }
}

/** Forgets a device: its name and its cursor are gone at once. */
export function prepareRemoveDevice(
  connection: Connection,
): (command: RemoveDevice) => RemovedDevice | undefined {
  const head = prepareHead(connection)
  const remove = connection.prepare<[number, string, number], RemovedDevice>(
    `DELETE FROM devices WHERE user = ? AND name = ? AND last_seen_at < ?
     RETURNING name, user, id AS device`,
  )
  return ({ user: name, device, unseenSince = Number.MAX_SAFE_INTEGER }) => {
    const { id } = head(name)
    return id === undefined ? undefined : remove.get(id, device, unseenSince)
  }
}

/**
 * Forgets what was delivered to a device that is gone. Deliveries are found by what its user had: in the inbox, where entries
 * only move on to places that are still to come, and among the outcomes. What a crash leaves names nobody, and goes with
 * its notification.
 */
export function prepareForgetDeliveries(
  connection: Connection,
): (command: ForgetDeliveries) => { next: DeliveriesStep | undefined } {
  const walk = (table: 'inbox' | 'outcomes', place: 'seq' | 'notification') => ({
    bound: connection
      .prepare<[number, number, number], number>(
        `SELECT ${place} FROM ${table} WHERE user = ? AND ${place} > ?
         ORDER BY ${place} LIMIT 1 OFFSET ?`,
      )
      .pluck(),
    forget: connection.prepare<[number, number, number, number]>(
      `DELETE FROM deliveries WHERE device = ? AND notification IN (
         SELECT notification FROM ${table} WHERE user = ? AND ${place} > ? AND ${place} <= ?)`,
    ),
  })
  const walks = { inbox: walk('inbox', 'seq'), outcomes: walk('outcomes', 'notification') }

  return ({ user, device, from = { among: 'inbox', after: 0 }, limit }) => {
    const { among, after } = from
    const { bound, forget } = walks[among]
    const last = bound.get(user, after, limit - 1)
    forget.run(device, user, after, last ?? Number.MAX_SAFE_INTEGER)
    if (last !== undefined) return { next: { among, after: last } }
    return { next: among === 'inbox' ? { among: 'outcomes', after: 0 } : undefined }
  }
}

/** Devices that were not seen since a time, among the next so many after a place. */
export function prepareUnseenDevices(
  connection: Connection,
): (query: UnseenQuery) => UnseenDevices {
  const select = connection.prepare<
    [number, number],
    { id: number; user: string; device: string; lastSeenAt: number }
  >(
    `SELECT devices.id AS id, users.name AS user, devices.name AS device,
       devices.last_seen_at AS lastSeenAt
     FROM devices JOIN users ON users.id = devices.user
     WHERE devices.id > ? ORDER BY devices.id LIMIT +?`,
  )
  return ({ after, limit, since }) => {
    const rows = select.all(after, limit)
    return {
      devices: rows
        .filter(({ lastSeenAt }) => lastSeenAt < since)
        .map(({ user, device }) => ({ user, device })),
      next: rows.length === limit ? rows.at(-1)?.id : undefined,
    }
  }
}
