import type { Entry, InboxFilter, ListPage, ListQuery } from '../../inbox/store.js'
import type { Reads } from './database.js'
import { HEAD, headOf, type HeadRow } from './head.js'
import { isUuid } from './uuid.js'

/** What of an entry is the user's own, by the names of `EntryState`. */
export const STATE_COLUMNS = `inbox.seq, inbox.arrived_seq AS "arrivedSeq",
  inbox.seen_at AS "seenAt", inbox.read_at AS "readAt", inbox.archived_at AS "archivedAt"`

/** Which entries each filter shows. */
const FILTERS: Readonly<Record<InboxFilter, string>> = {
  inbox: 'archived_at IS NULL',
  unread: 'archived_at IS NULL AND read_at IS NULL',
  unseen: 'archived_at IS NULL AND seen_at IS NULL',
  archived: 'archived_at IS NOT NULL',
  all: 'TRUE',
}

/** Without content where it is not of the page any more. */
type ListRow = HeadRow & Omit<Entry, 'contentJson'> & { contentJson: string | null }

/** The inbox of a user, newest first, by what arrived: marks move nothing in it. One statement, and so of one moment. */
export async function list(
  queries: Reads,
  { user, filter = 'inbox', type, before, limit, maxBytes = Number.MAX_SAFE_INTEGER }: ListQuery,
): Promise<ListPage> {
  // One more than asked for tells whether there is a next page. Of large entries no more come than are taken: how large a text is
  // stands beside it.
  const rows = await queries.query<ListRow>(
    `WITH head AS MATERIALIZED (${HEAD})
     SELECT head.*, page.* FROM head LEFT JOIN LATERAL (
       SELECT seq, "arrivedSeq", "seenAt", "readAt", "archivedAt",
         CASE WHEN number <= $3 AND "upTo" - size < $4 THEN content END AS "contentJson"
       FROM (
         SELECT *, row_number() OVER newest AS number, sum(size) OVER newest AS "upTo" FROM (
           SELECT ${STATE_COLUMNS}, content, octet_length(content) AS size
           FROM inbox JOIN notifications ON notifications.id = inbox.notification
           WHERE inbox.user_id = head."userId" AND inbox.arrived_seq < $2 AND removed IS NULL
             AND ${FILTERS[filter]} AND ($5::text IS NULL OR notifications.type = $5)
           ORDER BY inbox.arrived_seq DESC LIMIT $3::bigint + 1
         ) AS found WINDOW newest AS (ORDER BY "arrivedSeq" DESC)
       ) AS measured ORDER BY "arrivedSeq" DESC
     ) AS page ON TRUE`,
    [user, before ?? Number.MAX_SAFE_INTEGER, limit, maxBytes, type ?? null],
  )
  const entries = rows.flatMap(
    ({ seq, arrivedSeq, seenAt, readAt, archivedAt, contentJson }): Entry[] =>
      contentJson === null ? [] : [{ seq, arrivedSeq, seenAt, readAt, archivedAt, contentJson }],
  )
  const isCut = entries.length > 0 && entries.length < rows.length
  return { ...headOf(rows), entries, next: isCut ? entries.at(-1)?.arrivedSeq : undefined }
}

/** One entry of a user's inbox, by its notification. */
export async function entry(
  queries: Reads,
  { user, id }: { user: string; id: string },
): Promise<Entry | undefined> {
  if (!isUuid(id)) return undefined
  const [found] = await queries.query<Entry>(
    `SELECT ${STATE_COLUMNS}, notifications.content AS "contentJson" FROM notifications
     JOIN users ON users.name = $1
     JOIN inbox ON inbox.notification = notifications.id AND inbox.user_id = users.id
     WHERE notifications.uuid = $2 AND inbox.removed IS NULL`,
    [user, id],
  )
  return found
}
