import {
  MAX_ARRAY_BYTES,
  MAX_ARRAY_FRAMES,
  type FrameArray,
} from '../../inbox/stores/frame-array.js'
import { notificationFrame } from '../../protocol/down/notification.js'
import type { Connection } from './database.js'

/** A part of a user's log, as one reader is told of it. */
export interface LogRange {
  /** By their numbers; device 0 where all comes whole. */
  user: number
  device: number
  /** What arrived after this comes whole. */
  startedAt: number
  after: number
  upTo: number
  limit: number
  at: number
}

/** Whether the reader is told of an entry by its content: a delivery says that the device has it, a cursor only what stood where. */
export const IS_WHOLE = `inbox.removed IS NULL AND (inbox.arrived_seq > :startedAt OR NOT EXISTS (
  SELECT 1 FROM deliveries
  WHERE deliveries.notification = inbox.notification AND deliveries.device = :device))`

/** Where the entries of a range stand, in their order. */
export const FROM_RANGE = `FROM inbox JOIN notifications ON notifications.id = inbox.notification
  WHERE inbox.user = :user AND inbox.seq > :after AND inbox.seq <= :upTo
    AND (inbox.removed IS NOT NULL OR inbox.expires_at IS NULL OR inbox.expires_at > :at)
  ORDER BY inbox.seq LIMIT +:limit`

/** Most bytes of a content of which as many as an array holds are within its bytes, with what their frames have around them. */
const MAX_CONTENT_BYTES = MAX_ARRAY_BYTES / MAX_ARRAY_FRAMES - 320

/** Counts that live frames tell; none where they are replayed. */
export type Counts = { unread: number; unseen: number } | 'replayed'

interface PlainRow {
  bytes: Buffer<ArrayBuffer>
  seqs: string
  sizes: string
}

/** Stand in a frame for what SQL puts there. */
const SEQ = 900_000_000_000_001
const ARRIVED_SEQ = 900_000_000_000_002
const UNREAD = 900_000_000_000_003
const UNSEEN = 900_000_000_000_004

// A number is bound as a float, which would be written as one.
const VALUES: Readonly<Record<string, string>> = {
  [SEQ]: 'inbox.seq',
  [ARRIVED_SEQ]: 'inbox.arrived_seq',
  [UNREAD]: 'CAST(:unread AS INTEGER)',
  [UNSEEN]: 'CAST(:unseen AS INTEGER)',
  CONTENT: 'substr(notifications.content, 2)',
}

/** What the protocol says of a notification with which its user has done nothing, as an expression of SQL. */
function frameExpression(counts: Counts): string {
  const state = { seq: SEQ, arrivedSeq: ARRIVED_SEQ, seenAt: null, readAt: null, archivedAt: null }
  const parts = notificationFrame(state, '{CONTENT', counts).split(/(90{13}[1-4]|CONTENT)/)
  return `concat(${parts.map((part) => VALUES[part] ?? `'${part}'`).join(', ')})`
}

/**
 * Reads an array of notifications with which their user has done nothing, as is most of what a device has missed: the query
 * itself joins the frames to one text, which comes as bytes that nobody has to decode, in half the time of row by row (`replay`).
 * Undefined where something else is in the range, or large content.
 */
export function preparePlainFrames(
  connection: Connection,
): (range: LogRange, counts: Counts) => FrameArray | undefined {
  const prepare = (counts: Counts) =>
    connection.prepare<[LogRange & { unread?: number; unseen?: number }], PlainRow>(
      `SELECT CAST(concat('[', group_concat(frame), ']') AS BLOB) AS bytes,
         ifnull(group_concat(seq), '') AS seqs, ifnull(group_concat(octet_length(frame)), '') AS sizes
       FROM (SELECT inbox.seq AS seq, CASE WHEN ${IS_WHOLE}
           AND coalesce(inbox.seen_at, inbox.read_at, inbox.archived_at) IS NULL
           AND octet_length(notifications.content) <= ${MAX_CONTENT_BYTES}
         THEN ${frameExpression(counts)} END AS frame ${FROM_RANGE})`,
    )
  const replayed = prepare('replayed')
  const live = prepare({ unread: UNREAD, unseen: UNSEEN })
  return (range, counts) => {
    const row = counts === 'replayed' ? replayed.get(range) : live.get({ ...range, ...counts })
    if (!row) throw new Error('an aggregate gave no row')
    const [seqs, sizes] = [numbersIn(row.seqs), numbersIn(row.sizes)]
    if (sizes.length < seqs.length) return undefined
    let end = 0
    // Not as a `Buffer`, of which a slice is no copy.
    const bytes = new Uint8Array(row.bytes.buffer)
    return { bytes, ends: sizes.map((size) => (end += 1 + size)), seqs }
  }
}

/** What `group_concat` has joined; read digit by digit, in a third of the time of `split` and `Number`: `replay`. */
function numbersIn(list: string): number[] {
  if (list === '') return []
  const numbers: number[] = []
  let number = 0
  for (let at = 0; at < list.length; at++) {
    const digit = list.charCodeAt(at) - DIGIT_ZERO
    if (digit >= 0) number = number * 10 + digit
    else {
      numbers.push(number)
      number = 0
    }
  }
  numbers.push(number)
  return numbers
}

// A comma stands before the digits.
const DIGIT_ZERO = 0x30
