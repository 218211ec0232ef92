import type { Start } from '../protocol/socket-query.js'

interface Settled {
  /** The connection reads what comes after this `seq`. */
  position: number
  /** The stored cursor moves up to here. */
  cursor: number
  /** Whether what the cursor passes was received: `latest` skips it instead. */
  acknowledges: boolean
  /** The client's own position was of another log, or ahead of this one: it is told by a `gap`. */
  strayed: boolean
}

/**
 * Where a connection starts to read. A cursor above the stored one acknowledges up to it; one below replays from
 * there and leaves the stored one alone; one of another epoch, or ahead of the log, counts for nothing.
 */
export function settleStart(
  start: Start,
  log: { epoch: string; latest: number; cursor: number },
): Settled {
  const stored = { position: log.cursor, cursor: log.cursor, acknowledges: true, strayed: false }
  switch (start.kind) {
    case 'stored':
      return stored
    case 'latest':
      return { position: log.latest, cursor: log.latest, acknowledges: false, strayed: false }
    case 'cursor':
      if (start.epoch !== log.epoch || start.cursor > log.latest)
        return { ...stored, strayed: true }
      return {
        position: start.cursor,
        cursor: Math.max(log.cursor, start.cursor),
        acknowledges: true,
        strayed: false,
      }
  }
}
