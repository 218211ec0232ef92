import type { ChangesPage, ChangesQuery, Entry, ListPage, ListQuery } from '../../inbox/store.js'
import type { Connection } from './database.js'
import { prepareHead } from './head.js'

const ENTRY_COLUMNS = `inbox.seq AS seq, inbox.arrived_seq AS arrivedSeq, inbox.seen_at AS seenAt,
  inbox.read_at AS readAt, inbox.archived_at AS archivedAt, notifications.content AS contentJson`

/** The log of a user after a position, in `seq` order. */
export function prepareChanges(connection: Connection): (query: ChangesQuery) => ChangesPage {
  const head = prepareHead(connection)
  const select = connection.prepare<[number, number, number], Entry>(
    `SELECT ${ENTRY_COLUMNS} FROM inbox
     JOIN notifications ON notifications.id = inbox.notification
     WHERE inbox.user = ? AND inbox.seq > ? AND inbox.removed IS NULL
     ORDER BY inbox.seq LIMIT ?`,
  )
  return ({ user, after, limit, maxBytes }) => {
    const { id, ...log } = head(user)
    const entries: Entry[] = []
    let bytes = 0
    let full = false
    // Row by row, so that a page of large entries ends before it is read whole.
    for (const entry of id === undefined ? [] : select.iterate(id, after, limit)) {
      entries.push(entry)
      bytes += Buffer.byteLength(entry.contentJson)
      full = entries.length === limit || bytes >= maxBytes
      if (full) break
    }
    const last = entries.at(-1)
    return { ...log, entries, through: full && last ? last.seq : Math.max(after, log.latest) }
  }
}

/** The inbox of a user, newest first, by what arrived. */
export function prepareList(connection: Connection): (query: ListQuery) => ListPage {
  const head = prepareHead(connection)
  const select = connection.prepare<[number, number, number], Entry>(
    `SELECT ${ENTRY_COLUMNS} FROM inbox
     JOIN notifications ON notifications.id = inbox.notification
     WHERE inbox.user = ? AND inbox.arrived_seq < ?
       AND inbox.removed IS NULL AND inbox.archived_at IS NULL
     ORDER BY inbox.arrived_seq DESC LIMIT ?`,
  )
  return ({ user, before = Number.MAX_SAFE_INTEGER, limit }) => {
    const { id, ...log } = head(user)
    // One more than asked for tells whether there is a next page.
    const found = id === undefined ? [] : select.all(id, before, limit + 1)
    const entries = found.slice(0, limit)
    return {
      ...log,
      entries,
      next: found.length > limit ? entries.at(-1)?.arrivedSeq : undefined,
    }
  }
}
