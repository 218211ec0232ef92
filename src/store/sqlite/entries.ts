import type { Entry, InboxFilter, ListPage, ListQuery } from '../../inbox/store.js'
import type { Connection } from './database.js'
import { prepareHead } from './head.js'

/** What of an entry is the user's own, by the names of `EntryState`. */
export const STATE_COLUMNS = `inbox.seq AS seq, inbox.arrived_seq AS arrivedSeq,
  inbox.seen_at AS seenAt, inbox.read_at AS readAt, inbox.archived_at AS archivedAt`

const ENTRY_COLUMNS = `${STATE_COLUMNS}, notifications.content AS contentJson`

/** Which entries each filter shows. */
const FILTERS: Readonly<Record<InboxFilter, string>> = {
  inbox: 'archived_at IS NULL',
  unread: 'archived_at IS NULL AND read_at IS NULL',
  unseen: 'archived_at IS NULL AND seen_at IS NULL',
  archived: 'archived_at IS NOT NULL',
  all: 'TRUE',
}

/** The inbox of a user, newest first, by what arrived: marks move nothing in it. */
export function prepareList(connection: Connection): (query: ListQuery) => ListPage {
  const head = prepareHead(connection)
  const select = (filter: string) =>
    connection.prepare<
      [{ user: number; before: number; type: string | null; limit: number }],
      Entry
    >(
      `SELECT ${ENTRY_COLUMNS} FROM inbox
       JOIN notifications ON notifications.id = inbox.notification
       WHERE user = :user AND arrived_seq < :before AND removed IS NULL AND ${filter}
         AND (:type IS NULL OR content ->> '$.type' = :type)
       ORDER BY arrived_seq DESC LIMIT +:limit`,
    )
  const selects = new Map(Object.entries(FILTERS).map(([name, filter]) => [name, select(filter)]))
  return ({
    user,
    filter = 'inbox',
    type = null,
    before = Number.MAX_SAFE_INTEGER,
    limit,
    maxBytes = Number.POSITIVE_INFINITY,
  }) => {
    const { id, ...log } = head(user)
    const entries: Entry[] = []
    if (id === undefined) return { ...log, entries, next: undefined }
    // One more than asked for tells whether there is a next page.
    const query = { user: id, before, type, limit: limit + 1 }
    let bytes = 0
    // Row by row, so that a page of large entries ends before it is read whole.
    for (const entry of selects.get(filter)?.iterate(query) ?? []) {
      if (entries.length === limit || bytes >= maxBytes) {
        return { ...log, entries, next: entries.at(-1)?.arrivedSeq }
      }
      entries.push(entry)
      bytes += Buffer.byteLength(entry.contentJson)
    }
    return { ...log, entries, next: undefined }
  }
}

/** One entry of a user's inbox, by its notification. */
export function prepareEntry(
  connection: Connection,
): (query: { user: string; id: string }) => Entry | undefined {
  const select = connection.prepare<[string, string], Entry>(
    `SELECT ${ENTRY_COLUMNS} FROM notifications
     JOIN users ON users.name = ?
     JOIN inbox ON inbox.notification = notifications.id AND inbox.user = users.id
     WHERE notifications.uuid = ? AND inbox.removed IS NULL`,
  )
  return ({ user, id }) => select.get(user, id)
}
