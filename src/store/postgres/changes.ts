import { changeFrame } from '../../inbox/stores/change-frame.js'
import { FrameArrayBuilder, type FrameArray } from '../../inbox/stores/frame-array.js'
import type { Change, ChangesPage, ChangesQuery } from '../../inbox/store.js'
import type { RemovalReason } from '../../protocol/down/removed.js'
import type { EntryState } from '../../protocol/notification.js'
import type { Reads } from './database.js'
import { STATE_COLUMNS } from './entries.js'
import { HEAD, headOf, type HeadRow } from './head.js'
import { original } from './text.js'

interface ChangeRow extends EntryState {
  id: string
  collapseKey: string | null
  /** Set in a tombstone. */
  removed: RemovalReason | null
  /** null where the reader has it, or it is gone. */
  contentJson: string | null
  /** Whether it is of the page still: then its content is there, where the reader is told of it. */
  isTaken: boolean
}

/** Without an entry where there is none in the range. */
type Row = HeadRow & (ChangeRow | Record<keyof ChangeRow, null>)

/**
 * The log of a user after $3: whole where no delivery says that the device has the content. Contents come until they are as large as
 * a page; how large a text is stands beside it. The device is 0 where all comes whole. Each content is looked up alone, whatever the planner
 * believes of their number.
 */
const LOG_AFTER = `WITH head AS MATERIALIZED (${HEAD}), reader AS MATERIALIZED (
    SELECT coalesce((
      SELECT CASE WHEN coalesce($7::boolean, $6::bigint < devices.cursor) THEN 0 ELSE devices.id END
      FROM devices WHERE devices.user_id = head."userId" AND devices.name = $5), 0) AS device
    FROM head)
  SELECT head.*, page.* FROM head CROSS JOIN reader LEFT JOIN LATERAL (
    SELECT seq, "arrivedSeq", "seenAt", "readAt", "archivedAt", id, "collapseKey", removed,
      "upTo" - size < $4 AS "isTaken",
      CASE WHEN "isWhole" AND "upTo" - size < $4 THEN content END AS "contentJson"
    FROM (
      SELECT *, sum(size) OVER (ORDER BY seq) AS "upTo" FROM (
        SELECT *, CASE WHEN "isWhole" THEN octet_length(content) ELSE 0 END AS size FROM (
          SELECT ${STATE_COLUMNS}, notifications.uuid AS id, inbox.collapse_key AS "collapseKey",
            inbox.removed, notifications.content,
            inbox.removed IS NULL AND (inbox.arrived_seq > $6 OR NOT EXISTS (
              SELECT 1 FROM deliveries
              WHERE deliveries.notification = inbox.notification
                AND deliveries.device = reader.device)) AS "isWhole"
          FROM inbox JOIN LATERAL (
            SELECT uuid, content FROM notifications WHERE id = inbox.notification OFFSET 0
          ) AS notifications ON TRUE
          WHERE inbox.user_id = head."userId" AND inbox.seq > $3
            AND (inbox.removed IS NOT NULL OR inbox.expires_at IS NULL OR inbox.expires_at > $2)
          ORDER BY inbox.seq LIMIT $8
        ) AS found
      ) AS sized
    ) AS measured ORDER BY seq
  ) AS page ON TRUE`

/** The log of a user after a position, in `seq` order; read by one statement, and so of one moment. */
export async function changes(queries: Reads, query: ChangesQuery): Promise<ChangesPage> {
  const { user, at, reader, after, limit, maxBytes, replayedTo = Infinity } = query
  const rows = await queries.query<Row>(LOG_AFTER, [
    user,
    at,
    after,
    Math.max(1, maxBytes),
    reader?.device ?? null,
    reader?.startedAt ?? 0,
    reader?.whole ?? null,
    limit,
  ])
  const log = headOf(rows)
  const found = rows.flatMap((row) => (row.isTaken === true ? [row] : []))
  const isCut = found.length === limit || rows.some(({ isTaken }) => isTaken === false)
  // Up to here all is among the rows.
  const end = (isCut ? found.at(-1)?.seq : undefined) ?? log.latest
  const { unread, unseen } = log
  const arrays: FrameArray[] = []
  let [through, next, bytes] = [after, 0, 0]
  while (through < end && bytes < maxBytes) {
    const isReplay = through < replayedTo
    const upTo = isReplay ? Math.min(replayedTo, end) : end
    const builder = new FrameArrayBuilder()
    const counts = isReplay ? 'replayed' : { unread, unseen }
    let isFull = false
    for (let row = found[next]; row && row.seq <= upTo && !isFull; row = found[next]) {
      if (!builder.add(row.seq, changeFrame(toChange(row), counts))) break
      next += 1
      through = row.seq
      isFull = bytes + builder.size >= maxBytes
    }
    const isDone = (found[next]?.seq ?? Infinity) > upTo
    if (isDone && !isFull) through = upTo
    if (builder.size === 0) continue
    bytes += builder.size
    arrays.push(builder.build())
  }
  return { ...log, arrays, through }
}

function toChange({ id, contentJson, removed, collapseKey: stored, ...row }: ChangeRow): Change {
  const { seq, arrivedSeq, seenAt, readAt, archivedAt } = row
  const collapseKey = stored === null ? null : original(stored)
  if (removed !== null) return { kind: 'removed', seq, id, collapseKey, reason: removed }
  const state = { seq, arrivedSeq, seenAt, readAt, archivedAt }
  return contentJson === null
    ? { kind: 'state', id, ...state }
    : { kind: 'whole', ...state, contentJson }
}
