import { isUnread, isUnseen } from '../../inbox/state.js'
import type { MarkedEntry, MarkedStep, MarkStep } from '../../inbox/store.js'
import type { MarkAction } from '../../protocol/mark.js'
import type { EntryState } from '../../protocol/notification.js'
import type { Transaction } from './database.js'
import { STATE_COLUMNS } from './entries.js'
import { headOfHeld } from './head.js'
import { holdUsers, saveLogs } from './held-logs.js'
import { isUuid } from './uuid.js'

type Times = Pick<EntryState, 'seenAt' | 'readAt' | 'archivedAt'>

/** Which entries an action changes, and how; what it does not change takes no `seq`. */
const RULES: Readonly<
  Record<MarkAction, { changes: string; change: (times: Times, at: number) => Partial<Times> }>
> = {
  seen: { changes: 'seen_at IS NULL', change: (_times, at) => ({ seenAt: at }) },
  read: {
    changes: 'read_at IS NULL',
    change: ({ seenAt }, at) => ({ seenAt: seenAt ?? at, readAt: at }),
  },
  unread: { changes: 'read_at IS NOT NULL', change: () => ({ readAt: null }) },
  archived: {
    // What is archived may have been marked unread since.
    changes: '(archived_at IS NULL OR read_at IS NULL)',
    change: ({ seenAt, readAt, archivedAt }, at) => ({
      seenAt: seenAt ?? at,
      readAt: readAt ?? at,
      archivedAt: archivedAt ?? at,
    }),
  },
  unarchived: { changes: 'archived_at IS NOT NULL', change: () => ({ archivedAt: null }) },
}

type EntryRow = EntryState & { id: string }

const COLUMNS = `${STATE_COLUMNS}, notifications.uuid AS id`

/** Marks entries: each that changes moves to the next `seq` of its user, and the counts move with it. */
export async function mark(transaction: Transaction, command: MarkStep): Promise<MarkedStep> {
  const { user, action, at, limit, entries } = command
  const held = await holdUsers(transaction, [user], { make: false })
  const log = held.get(user)
  const head = headOfHeld(log, held.epochOfNobody)
  const isOther = entries.kind === 'upTo' && entries.epoch !== head.epoch
  if (!log || isOther) return { ...head, moved: [], next: undefined }
  const found = await find(transaction, log.id, command)
  const { change } = RULES[action]
  const moved = found.map(({ id, ...before }): MarkedEntry => {
    log.latest += 1
    const state = { ...before, ...change(before, at), seq: log.latest }
    log.unread += Number(isUnread(state)) - Number(isUnread(before))
    log.unseen += Number(isUnseen(state)) - Number(isUnseen(before))
    return { id, from: before.seq, state, unread: log.unread, unseen: log.unseen }
  })
  if (moved.length > 0) {
    await Promise.all([move(transaction, log.id, moved, at), saveLogs(transaction, held)])
  }
  const isFull = entries.kind === 'upTo' && moved.length === limit
  const next = isFull ? moved.at(-1)?.state.arrivedSeq : undefined
  return { ...headOfHeld(log, held.epochOfNobody), moved, next }
}

/** In the order of their arrival. */
async function find(
  transaction: Transaction,
  user: number,
  { action, limit, entries }: MarkStep,
): Promise<EntryRow[]> {
  const { changes } = RULES[action]
  if (entries.kind === 'ids') {
    return transaction.query<EntryRow>(
      `WITH wanted AS MATERIALIZED (SELECT id, uuid FROM notifications WHERE uuid = ANY($2::uuid[]))
       SELECT ${STATE_COLUMNS}, wanted.uuid AS id
       FROM wanted JOIN inbox ON inbox.notification = wanted.id AND inbox.user_id = $1
       WHERE removed IS NULL AND ${changes} ORDER BY inbox.arrived_seq LIMIT $3`,
      [user, entries.ids.filter(isUuid), limit],
    )
  }
  return transaction.query<EntryRow>(
    `SELECT ${COLUMNS} FROM inbox JOIN notifications ON notifications.id = inbox.notification
     WHERE inbox.user_id = $1 AND inbox.arrived_seq > $2 AND inbox.arrived_seq <= $3
       AND removed IS NULL AND ${changes} AND ($4::text IS NULL OR notifications.type = $4)
     ORDER BY inbox.arrived_seq LIMIT $5`,
    [user, entries.after, entries.upTo, entries.type ?? null, limit],
  )
}

async function move(
  transaction: Transaction,
  user: number,
  moved: readonly MarkedEntry[],
  at: number,
): Promise<void> {
  await transaction.run(
    `UPDATE inbox SET seq = moved.seq, moved_at = $2, seen_at = moved.seen_at,
       read_at = moved.read_at, archived_at = moved.archived_at
     FROM unnest($3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
       AS moved (stood_at, seq, seen_at, read_at, archived_at)
     WHERE inbox.user_id = $1 AND inbox.seq = moved.stood_at`,
    [
      user,
      at,
      moved.map(({ from }) => from),
      moved.map(({ state }) => state.seq),
      moved.map(({ state }) => state.seenAt),
      moved.map(({ state }) => state.readAt),
      moved.map(({ state }) => state.archivedAt),
    ],
  )
}
