import type { Transaction } from './database.js'

/** A device, as those see it who move its cursor. */
export interface DeviceRow {
  id: number
  userId: number
  name: string
  cursor: number
}

/** What a device is found by among others; no number has a space in it. */
export const keyOf = (userId: number, name: string): string => `${userId} ${name}`

/** Devices by user and name; those that are not known are not among them. */
export async function findDevices(
  transaction: Transaction,
  wanted: readonly { userId: number; name: string }[],
): Promise<Map<string, DeviceRow>> {
  if (wanted.length === 0) return new Map()
  const found = await transaction.query<DeviceRow>(
    `SELECT DISTINCT devices.id, devices.user_id AS "userId", devices.name, devices.cursor
     FROM unnest($1::bigint[], $2::text[]) AS wanted (user_id, name)
     JOIN devices ON devices.user_id = wanted.user_id AND devices.name = wanted.name`,
    [wanted.map(({ userId }) => userId), wanted.map(({ name }) => name)],
  )
  return new Map(found.map((device) => [keyOf(device.userId, device.name), device]))
}

/** Makes devices that have come past nothing yet. */
export async function makeDevices(
  transaction: Transaction,
  wanted: readonly { userId: number; name: string; at: number }[],
): Promise<Map<string, DeviceRow>> {
  if (wanted.length === 0) return new Map()
  const made = await transaction.query<DeviceRow>(
    `INSERT INTO devices (user_id, name, cursor, created_at, last_seen_at)
     SELECT user_id, name, 0, at, at
     FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS wanted (user_id, name, at)
     RETURNING id, user_id AS "userId", name, cursor`,
    [
      wanted.map(({ userId }) => userId),
      wanted.map(({ name }) => name),
      wanted.map(({ at }) => at),
    ],
  )
  return new Map(made.map((device) => [keyOf(device.userId, device.name), device]))
}
