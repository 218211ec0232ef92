import type { MarkedEntry, MarkedStep, MarkStep } from '../../inbox/store.js'
import { isUnread, isUnseen } from '../../inbox/state.js'
import { MarkAction } from '../../protocol/mark.js'
import type { EntryState } from '../../protocol/notification.js'
import type { Connection } from './database.js'
import { STATE_COLUMNS } from './entries.js'
import { prepareHead } from './head.js'

/** Which entries an action changes, and how; what it does not change takes no `seq`. */
const RULES: Readonly<Record<MarkAction, { changes: string; sets: string }>> = {
  seen: { changes: 'seen_at IS NULL', sets: 'seen_at = :at' },
  read: { changes: 'read_at IS NULL', sets: 'seen_at = ifnull(seen_at, :at), read_at = :at' },
  unread: { changes: 'read_at IS NOT NULL', sets: 'read_at = NULL' },
  archived: {
    // What is archived may have been marked unread since.
    changes: '(archived_at IS NULL OR read_at IS NULL)',
    sets: `seen_at = ifnull(seen_at, :at), read_at = ifnull(read_at, :at),
      archived_at = ifnull(archived_at, :at)`,
  },
  unarchived: { changes: 'archived_at IS NOT NULL', sets: 'archived_at = NULL' },
}

interface EntryRow extends EntryState {
  id: string
}

const COLUMNS = `${STATE_COLUMNS}, notifications.uuid AS id`

/** Marks entries: each that changes moves to the next `seq` of its user, and the counts move with it. */
export function prepareMark(connection: Connection): (command: MarkStep) => MarkedStep {
  const head = prepareHead(connection)
  const setLog = connection.prepare<[number, number, number, number]>(
    'UPDATE users SET latest = ?, unread = ?, unseen = ? WHERE id = ?',
  )
  const actions = new Map(
    MarkAction.options.map((action) => [action, prepareAction(connection, action)]),
  )

  return (command) => {
    const { user, at, limit, entries } = command
    const { id, ...log } = head(user)
    const action = actions.get(command.action)
    const isOther = entries.kind === 'upTo' && entries.epoch !== log.epoch
    if (id === undefined || !action || isOther) return { ...log, moved: [], next: undefined }
    const found =
      entries.kind === 'ids'
        ? action.findByIds({ user: id, limit, ids: JSON.stringify(entries.ids) })
        : action.findUpTo({
            user: id,
            limit,
            after: entries.after,
            upTo: entries.upTo,
            type: entries.type ?? null,
          })
    let { latest, unread, unseen } = log
    const moved = found.map(({ id: uuid, ...before }): MarkedEntry => {
      latest += 1
      const state = action.change({ user: id, seq: before.seq, next: latest, at })
      unread += Number(isUnread(state)) - Number(isUnread(before))
      unseen += Number(isUnseen(state)) - Number(isUnseen(before))
      return { id: uuid, from: before.seq, state, unread, unseen }
    })
    if (moved.length > 0) setLog.run(latest, unread, unseen, id)
    const isFull = entries.kind === 'upTo' && moved.length === limit
    const next = isFull ? moved.at(-1)?.state.arrivedSeq : undefined
    return { ...log, latest, unread, unseen, moved, next }
  }
}

interface ById {
  user: number
  limit: number
  /** A JSON list. */
  ids: string
}

interface UpTo {
  user: number
  limit: number
  after: number
  upTo: number
  type: string | null
}

interface Change {
  user: number
  seq: number
  next: number
  at: number
}

function prepareAction(connection: Connection, action: MarkAction) {
  const { changes, sets } = RULES[action]
  const findByIds = connection.prepare<[ById], EntryRow>(
    // CROSS keeps the order of the tables (https://sqlite.org/optoverview.html#crossjoin): left to itself, SQLite would spare
    // the sort of a few rows by a walk through the whole inbox.
    `SELECT ${COLUMNS} FROM json_each(:ids) AS wanted
     CROSS JOIN notifications ON notifications.uuid = wanted.value
     CROSS JOIN inbox ON inbox.notification = notifications.id AND inbox.user = :user
     WHERE removed IS NULL AND ${changes} ORDER BY inbox.arrived_seq LIMIT +:limit`,
  )
  const findUpTo = connection.prepare<[UpTo], EntryRow>(
    `SELECT ${COLUMNS} FROM inbox JOIN notifications ON notifications.id = inbox.notification
     WHERE user = :user AND arrived_seq > :after AND arrived_seq <= :upTo
       AND removed IS NULL AND ${changes}
       AND (:type IS NULL OR content ->> '$.type' = :type)
     ORDER BY arrived_seq LIMIT +:limit`,
  )
  const change = connection.prepare<[Change], EntryState>(
    `UPDATE inbox SET seq = :next, moved_at = :at, ${sets} WHERE user = :user AND seq = :seq
     RETURNING seq, arrived_seq AS arrivedSeq, seen_at AS seenAt, read_at AS readAt,
       archived_at AS archivedAt`,
  )
  return {
    findByIds: (query: ById) => findByIds.all(query),
    findUpTo: (query: UpTo) => findUpTo.all(query),
    change: (entry: Change): EntryState => {
      const state = change.get(entry)
      if (!state) throw new Error('an entry that was just read is gone')
      return state
    },
  }
}
