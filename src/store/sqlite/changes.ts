import type { Change, ChangesPage, ChangesQuery, ChangesReader } from '../../inbox/store.js'
import type { RemovalReason } from '../../protocol/down/removed.js'
import type { EntryState } from '../../protocol/notification.js'
import type { Connection } from './database.js'
import { STATE_COLUMNS } from './entries.js'
import { prepareHead } from './head.js'

interface ChangeRow extends EntryState {
  id: string
  collapseKey: string | null
  /** Set in a tombstone. */
  removed: RemovalReason | null
  /** null where the reader has it, or it is gone. */
  contentJson: string | null
}

interface Range {
  user: number
  after: number
  limit: number
  /** 0 where all comes whole. */
  device: number
  startedAt: number
  at: number
}

/** The log of a user after a position, in `seq` order. */
export function prepareChanges(connection: Connection): (query: ChangesQuery) => ChangesPage {
  const head = prepareHead(connection)
  // That a device has acknowledged the content is said by its delivery: its cursor says only what stood where then.
  const select = connection.prepare<[Range], ChangeRow>(
    `SELECT ${STATE_COLUMNS}, notifications.uuid AS id,
       inbox.collapse_key AS collapseKey, inbox.removed AS removed,
       CASE WHEN inbox.removed IS NULL
           AND (inbox.arrived_seq > :startedAt OR deliveries.device IS NULL)
         THEN notifications.content END AS contentJson
     FROM inbox
     JOIN notifications ON notifications.id = inbox.notification
     LEFT JOIN deliveries
       ON deliveries.notification = inbox.notification AND deliveries.device = :device
     WHERE inbox.user = :user AND inbox.seq > :after
       AND (inbox.removed IS NOT NULL OR inbox.expires_at IS NULL OR inbox.expires_at > :at)
     ORDER BY inbox.seq LIMIT +:limit`,
  )
  const holderOf = prepareHolder(connection)
  return ({ user, at, reader, after, limit, maxBytes }) => {
    const { id, ...log } = head(user)
    const entries: Change[] = []
    if (id === undefined) return { ...log, entries, through: Math.max(after, log.latest) }
    const startedAt = reader?.startedAt ?? 0
    const range = { user: id, after, limit, device: holderOf(id, reader), startedAt, at }
    let bytes = 0
    let full = false
    // Row by row, so that a page of large entries ends before it is read whole.
    for (const row of select.iterate(range)) {
      entries.push(toChange(row))
      bytes += row.contentJson === null ? 0 : Buffer.byteLength(row.contentJson)
      full = entries.length === limit || bytes >= maxBytes
      if (full) break
    }
    const last = entries.at(-1)
    return { ...log, entries, through: full && last ? last.seq : Math.max(after, log.latest) }
  }
}

/** The device whose content need not be read again, by its number; 0 for none. */
function prepareHolder(connection: Connection) {
  const select = connection.prepare<[number, string], { id: number; cursor: number }>(
    'SELECT id, cursor FROM devices WHERE user = ? AND name = ?',
  )
  return (user: number, reader: ChangesReader | undefined): number => {
    const device = reader && select.get(user, reader.device)
    if (!reader || !device) return 0
    const { whole = reader.startedAt < device.cursor } = reader
    return whole ? 0 : device.id
  }
}

function toChange({ id, contentJson, removed, collapseKey, ...state }: ChangeRow): Change {
  if (removed !== null) return { kind: 'removed', seq: state.seq, id, collapseKey, reason: removed }
  return contentJson === null
    ? { kind: 'state', id, ...state }
    : { kind: 'whole', ...state, contentJson }
}
