import type { SendCommand, SendTarget } from '../../inbox/store.js'
import type { Arrived } from '../../inbox/stores/lifetimes.js'
import { targetOf, type ScheduledRow } from '../jobs.js'
import type { LogBounds } from '../log-bounds.js'
import { ADVISORY_LOCKS } from './advisory-locks.js'
import { acceptAll, namedBy } from './accept.js'
import type { Transaction } from './database.js'
import { grouped } from './grouped.js'
import { holdUsers } from './held-logs.js'
import { drawNumbers, typeOf } from './notification-rows.js'

/** Keeps notifications until they are due. */
export async function scheduleAll(
  transaction: Transaction,
  commands: readonly (SendCommand & { dueAt: number })[],
): Promise<void> {
  if (commands.length === 0) return
  const numbers = await drawNumbers(transaction, 'scheduled', commands.length)
  const users = commands.flatMap(({ target }, index) =>
    target.kind === 'users'
      ? target.users.map((name) => ({ name, scheduled: numbers[index] }))
      : [],
  )
  await transaction.run(
    `INSERT INTO scheduled (id, uuid, issuer, subject, content, type, created_at, due_at, expires_at,
       collapse_key, target, topic)
     SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[],
       $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[])`,
    [
      numbers,
      commands.map(({ id }) => id),
      commands.map(({ sender }) => sender.issuer),
      commands.map(({ sender }) => sender.subject),
      commands.map(({ contentJson }) => contentJson),
      commands.map(({ contentJson }) => typeOf(contentJson)),
      commands.map(({ createdAt }) => createdAt),
      commands.map(({ dueAt }) => dueAt),
      commands.map(({ expiresAt }) => expiresAt ?? null),
      commands.map(({ collapseKey }) => collapseKey ?? null),
      commands.map(({ target }) => target.kind),
      commands.map(({ target }) => (target.kind === 'topic' ? target.topic : null)),
    ],
  )
  if (users.length === 0) return
  await transaction.run(
    `INSERT INTO scheduled_users (scheduled, name) SELECT * FROM unnest($1::bigint[], $2::text[])`,
    [users.map(({ scheduled }) => scheduled ?? null), users.map(({ name }) => name)],
  )
}

export const SCHEDULED_COLUMNS = `id, uuid, issuer, subject, content, created_at AS "createdAt",
  expires_at AS "expiresAt", collapse_key AS "collapseKey", target, topic`

/** Takes notifications off the schedule whose rows are locked; gives whom each names. */
export async function unschedule(
  transaction: Transaction,
  scheduled: readonly number[],
): Promise<(scheduled: number) => string[]> {
  const [removed] = await Promise.all([
    transaction.query<{ scheduled: number; name: string }>(
      'DELETE FROM scheduled_users WHERE scheduled = ANY($1) RETURNING scheduled, name',
      [scheduled],
    ),
    transaction.run('DELETE FROM scheduled WHERE id = ANY($1)', [scheduled]),
  ])
  const names = grouped(removed, (row) => row.scheduled)
  return (id) => (names.get(id) ?? []).map(({ name }) => name).toSorted()
}

/** Entries that one step writes, so that a thousand that are due at once don't hold up what else is written. */
const ENTRIES_PER_STEP = 500

/** Makes notifications of those that are due, in the order of their times. */
export async function fire(
  transaction: Transaction,
  { at, limit }: { at: number; limit: number },
  options: { bounds: LogBounds },
): Promise<Arrived[]> {
  const [lock] = await transaction.query<{ taken: boolean }>(
    'SELECT pg_try_advisory_xact_lock($1) AS taken',
    [ADVISORY_LOCKS.firing],
  )
  if (!lock?.taken) return []
  const found = await transaction.query<ScheduledRow & { named: number }>(
    `SELECT ${SCHEDULED_COLUMNS},
       (SELECT count(*) FROM scheduled_users WHERE scheduled_users.scheduled = scheduled.id) AS named
     FROM scheduled WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED`,
    [at, limit],
  )
  const rows = firstOf(found)
  if (rows.length === 0) return []
  const namesOf = await unschedule(
    transaction,
    rows.map(({ id }) => id),
  )
  const accepted = rows.map((row) => ({
    id: row.uuid,
    sender: { issuer: row.issuer, subject: row.subject },
    contentJson: row.content,
    createdAt: row.createdAt,
    acceptedAt: at,
    expiresAt: row.expiresAt ?? undefined,
    collapseKey: row.collapseKey ?? undefined,
    target: targetOf(row, namesOf(row.id)),
  }))
  const held = await holdUsers(transaction, namedBy(accepted), { make: true })
  const acceptances = await acceptAll(transaction, held, accepted, options)
  return rows.map(({ content: contentJson }, index) => ({
    contentJson,
    arrivals: acceptances[index]?.arrivals ?? [],
  }))
}

/**
 * As many as a step has room for, and at least one. It ends with one to everyone: users whom later ones name, and who are made before
 * anything else is done, would be meant by it.
 */
function firstOf<Row extends { named: number; target: SendTarget['kind'] }>(
  rows: readonly Row[],
): Row[] {
  const taken: Row[] = []
  let entries = 0
  for (const row of rows) {
    if (entries >= ENTRIES_PER_STEP) break
    taken.push(row)
    entries += row.named
    if (row.target === 'everyone') break
  }
  return taken
}
