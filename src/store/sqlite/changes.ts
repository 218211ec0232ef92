import { changeFrame } from '../../inbox/stores/change-frame.js'
import {
  cutAt,
  FrameArrayBuilder,
  MAX_ARRAY_FRAMES,
  sizeOf,
  type FrameArray,
} from '../../inbox/stores/frame-array.js'
import type { Change, ChangesPage, ChangesQuery, ChangesReader } from '../../inbox/store.js'
import type { RemovalReason } from '../../protocol/down/removed.js'
import type { EntryState } from '../../protocol/notification.js'
import type { Connection } from './database.js'
import { STATE_COLUMNS } from './entries.js'
import { prepareHead } from './head.js'
import {
  FROM_RANGE,
  IS_WHOLE,
  preparePlainFrames,
  type Counts,
  type LogRange,
} from './plain-frames.js'

interface ChangeRow extends EntryState {
  id: string
  collapseKey: string | null
  /** Set in a tombstone. */
  removed: RemovalReason | null
  /** null where the reader has it, or it is gone. */
  contentJson: string | null
}

/** Frames of a range, from its beginning. */
interface ReadFrames {
  array: FrameArray
  /** Whether the range may hold more. */
  isCut: boolean
}

type ReadRange = (range: LogRange, counts: Counts, maxBytes: number) => ReadFrames

/**
 * The log of a user after a position, in `seq` order. `handOver` is told of the memory of each array, which holds nothing
 * else: who answers in another thread need not copy it.
 */
export function prepareChanges(
  connection: Connection,
  handOver: (memory: ArrayBuffer) => void = () => undefined,
): (query: ChangesQuery) => ChangesPage {
  const head = prepareHead(connection)
  const holderOf = prepareHolder(connection)
  const readPlain = preparePlain(connection)
  const readRows = prepareRows(connection)
  return ({ user, at, reader, after, limit, maxBytes, replayedTo = Infinity }) => {
    const { id, ...log } = head(user)
    const arrays: FrameArray[] = []
    if (id === undefined) return { ...log, arrays, through: Math.max(after, log.latest) }
    const { latest, unread, unseen } = log
    const of = { user: id, device: holderOf(id, reader), startedAt: reader?.startedAt ?? 0, at }
    let through = after
    let [entries, bytes] = [0, 0]
    // Where one entry is of another kind the next ones may be too: they are not read twice.
    let isPlain = true
    while (through < latest && entries < limit && bytes < maxBytes) {
      const isReplay = through < replayedTo
      const counts = isReplay ? 'replayed' : { unread, unseen }
      const upTo = isReplay ? Math.min(replayedTo, latest) : latest
      const most = Math.min(limit - entries, MAX_ARRAY_FRAMES)
      const range: LogRange = { ...of, after: through, upTo, limit: most }
      const plain: ReadFrames | undefined = isPlain
        ? readPlain(range, counts, maxBytes - bytes)
        : undefined
      isPlain = plain !== undefined
      const { array, isCut } = plain ?? readRows(range, counts, maxBytes - bytes)
      const last = array.seqs.at(-1)
      through = isCut && last !== undefined ? last : upTo
      if (last === undefined) continue
      entries += array.seqs.length
      bytes += sizeOf(array.ends)
      arrays.push(array)
      handOver(array.bytes.buffer)
    }
    return { ...log, arrays, through }
  }
}

/** What a query joins by itself; undefined where there is something in the range that it can't. */
function preparePlain(
  connection: Connection,
): (...read: Parameters<ReadRange>) => ReadFrames | undefined {
  const read = preparePlainFrames(connection)
  return (range, counts, maxBytes) => {
    const found = read(range, counts)
    const array = found && cutAt(found, maxBytes)
    if (!array) return undefined
    return { array, isCut: array !== found || array.seqs.length === range.limit }
  }
}

/** Whatever there is, row by row. */
function prepareRows(connection: Connection): ReadRange {
  const select = connection.prepare<[LogRange], ChangeRow>(
    `SELECT ${STATE_COLUMNS}, notifications.uuid AS id,
       inbox.collapse_key AS collapseKey, inbox.removed AS removed,
       CASE WHEN ${IS_WHOLE} THEN notifications.content END AS contentJson
     ${FROM_RANGE}`,
  )
  return (range, counts, maxBytes) => {
    const builder = new FrameArrayBuilder()
    let isCut = false
    // Of large entries no more are read than are taken.
    for (const row of select.iterate(range)) {
      const isTaken = builder.add(row.seq, changeFrame(toChange(row), counts))
      isCut = !isTaken || builder.size >= maxBytes
      if (isCut) break
    }
    const array = builder.build()
    return { array, isCut: isCut || array.seqs.length === range.limit }
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
