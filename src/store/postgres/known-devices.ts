import type {
  DeliveriesStep,
  DevicesPage,
  DevicesQuery,
  ForgetDeliveries,
  KnownDevice,
  RemoveDevice,
  RemovedDevice,
  SeeDevice,
  UnseenDevices,
  UnseenQuery,
} from '../../inbox/stores/people.js'
import type { Queries, Reads, Transaction } from './database.js'
import { HEAD, headOf, type HeadRow } from './head.js'
import { holdUsers } from './held-logs.js'

type DeviceRow = KnownDevice & { id: number }

/** The devices of a user, in the order in which they came. */
export async function devices(
  queries: Reads,
  { user, device, after = 0, limit }: DevicesQuery,
): Promise<DevicesPage> {
  // One more than asked for tells whether there is a next page.
  const rows = await queries.query<HeadRow & (DeviceRow | Record<keyof DeviceRow, null>)>(
    `WITH head AS MATERIALIZED (${HEAD})
     SELECT head.*, page.* FROM head LEFT JOIN LATERAL (
       SELECT id, name AS device, cursor, created_at AS "createdAt", last_seen_at AS "lastSeenAt"
       FROM devices WHERE devices.user_id = head."userId" AND id > $2
         AND ($3::text IS NULL OR name = $3)
       ORDER BY id LIMIT $4
     ) AS page ON TRUE`,
    [user, after, device ?? null, limit + 1],
  )
  const found = rows.flatMap((row) => (row.id === null ? [] : [row]))
  const page = found.slice(0, limit)
  return {
    items: page.map(({ device: name, cursor, createdAt, lastSeenAt }) => ({
      device: name,
      cursor,
      createdAt,
      lastSeenAt,
    })),
    latest: headOf(rows).latest,
    next: found.length > limit ? page.at(-1)?.id : undefined,
  }
}

/** Notes that a device was there: the one thing of a user that is written without holding the user, since nothing hangs on it. */
export async function seeDevice(
  queries: Queries,
  { user, device, epoch, at }: SeeDevice,
): Promise<void> {
  await queries.run(
    `UPDATE devices SET last_seen_at = $3 FROM users, meta
     WHERE users.name = $1 AND devices.user_id = users.id AND devices.name = $2
       AND devices.last_seen_at < $3
       AND ($4::text IS NULL OR $4 = meta.epoch || '.' || users.life)`,
    [user, device, at, epoch ?? null],
  )
}

/** Forgets a device: its name and its cursor are gone at once. */
export async function removeDevice(
  transaction: Transaction,
  { user, device, unseenSince = Number.MAX_SAFE_INTEGER }: RemoveDevice,
): Promise<RemovedDevice | undefined> {
  const held = await holdUsers(transaction, [user], { make: false })
  const log = held.get(user)
  if (!log) return undefined
  const [removed] = await transaction.query<RemovedDevice>(
    `DELETE FROM devices WHERE user_id = $1 AND name = $2 AND last_seen_at < $3
     RETURNING name, user_id AS "user", id AS device`,
    [log.id, device, unseenSince],
  )
  return removed
}

/** Where a user's walk goes along. */
const PLACES = { inbox: 'seq', outcomes: 'notification' } as const

/**
 * Forgets what was delivered to a device that is gone. Deliveries are found by what its user had: in the inbox, where entries
 * only move on to places that are still to come, and among the outcomes. What a crash leaves names nobody, and goes with
 * its notification.
 */
export async function forgetDeliveries(
  queries: Queries,
  { user, device, from = { among: 'inbox', after: 0 }, limit }: ForgetDeliveries,
): Promise<{ next: DeliveriesStep | undefined }> {
  const { among, after } = from
  const place = PLACES[among]
  const [last] = await queries.query<{ place: number }>(
    `SELECT ${place} AS place FROM ${among} WHERE user_id = $1 AND ${place} > $2
     ORDER BY ${place} OFFSET $3 LIMIT 1`,
    [user, after, limit - 1],
  )
  await queries.run(
    `DELETE FROM deliveries WHERE device = $1 AND notification = ANY(ARRAY(
       SELECT notification FROM ${among} WHERE user_id = $2 AND ${place} > $3 AND ${place} <= $4))`,
    [device, user, after, last?.place ?? Number.MAX_SAFE_INTEGER],
  )
  if (last) return { next: { among, after: last.place } }
  return { next: among === 'inbox' ? { among: 'outcomes', after: 0 } : undefined }
}

/** Devices that were not seen since a time, among the next so many after a place. */
export async function unseenDevices(
  queries: Reads,
  { after, limit, since }: UnseenQuery,
): Promise<UnseenDevices> {
  const rows = await queries.query<{
    id: number
    user: string
    device: string
    lastSeenAt: number
  }>(
    `SELECT next.id, users.name AS "user", next.name AS device, next.last_seen_at AS "lastSeenAt"
     FROM (SELECT * FROM devices WHERE id > $1 ORDER BY id LIMIT $2) AS next
     JOIN users ON users.id = next.user_id ORDER BY next.id`,
    [after, limit],
  )
  return {
    devices: rows
      .filter(({ lastSeenAt }) => lastSeenAt < since)
      .map(({ user, device }) => ({ user, device })),
    next: rows.length === limit ? rows.at(-1)?.id : undefined,
  }
}
