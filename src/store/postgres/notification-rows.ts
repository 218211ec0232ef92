import * as z from 'zod/mini'
import type { SendCommand } from '../../inbox/store.js'
import type { Transaction } from './database.js'

/** What is kept of a notification from its acceptance on. */
export type NewNotification = Pick<
  SendCommand,
  'id' | 'sender' | 'contentJson' | 'createdAt' | 'expiresAt' | 'collapseKey'
> & {
  number: number
  acceptedAt: number
  status: 'stored' | 'fanning_out' | 'recalled'
  total: number
  stored: number
}

const Typed = z.object({ type: z.string() })

/** The type that a content names, which lists are filtered by. */
export function typeOf(contentJson: string): string {
  return Typed.parse(JSON.parse(contentJson)).type
}

/** Draws the numbers of rows that are new, in their order. */
export async function drawNumbers(
  transaction: Transaction,
  table: 'notifications' | 'scheduled',
  count: number,
): Promise<number[]> {
  if (count === 0) return []
  const drawn = await transaction.query<{ number: number }>(
    // The sequence is looked up once, not for each.
    `SELECT nextval(name) AS number
     FROM (SELECT pg_get_serial_sequence('${table}', 'id')::regclass AS name OFFSET 0) AS sequence
     CROSS JOIN generate_series(1, $1)`,
    [count],
  )
  return drawn.map(({ number }) => number).toSorted((a, b) => a - b)
}

/** Makes notifications. */
export async function insertNotifications(
  transaction: Transaction,
  rows: readonly NewNotification[],
): Promise<void> {
  if (rows.length === 0) return
  await transaction.run(
    `INSERT INTO notifications (id, uuid, issuer, subject, content, type, created_at, accepted_at,
       expires_at, collapse_key, status, total, stored)
     SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::bigint[], $13::bigint[])`,
    [
      rows.map(({ number }) => number),
      rows.map(({ id }) => id),
      rows.map(({ sender }) => sender.issuer),
      rows.map(({ sender }) => sender.subject),
      rows.map(({ contentJson }) => contentJson),
      rows.map(({ contentJson }) => typeOf(contentJson)),
      rows.map(({ createdAt }) => createdAt),
      rows.map(({ acceptedAt }) => acceptedAt),
      rows.map(({ expiresAt }) => expiresAt ?? null),
      rows.map(({ collapseKey }) => collapseKey ?? null),
      rows.map(({ status }) => status),
      rows.map(({ total }) => total),
      rows.map(({ stored }) => stored),
    ],
  )
}
