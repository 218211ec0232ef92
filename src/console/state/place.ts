import type { FrameEvent } from '../../client/browser.js'
import { readFrames, type Frame } from '../../client/frames.js'
import { parseUp } from '../../protocol/up/index.js'

/** Where a device stands in its user's log, as the frames of its connection tell. */
export interface Place {
  /** The opaque name of the connection. */
  connection: string
  epoch: string
  /** Up to here the device has acknowledged. */
  cursor: number
  /** The highest place of the log that was told. */
  latest: number
}

/** The place after this text has passed; the same object where nothing moved. */
export function placeAfter(
  place: Place | undefined,
  { direction, text }: FrameEvent,
): Place | undefined {
  if (direction === 'sent') return afterSent(place, text)
  let moved = place
  for (const frame of readFrames(text).frames) moved = afterFrame(moved, frame)
  return moved
}

function afterSent(place: Place | undefined, text: string): Place | undefined {
  const parsed = parseUp(text)
  if (!place || parsed.kind !== 'command' || parsed.command.type !== 'ack') return place
  return { ...place, cursor: Math.max(place.cursor, parsed.command.payload.seq) }
}

function afterFrame(place: Place | undefined, frame: Frame): Place | undefined {
  switch (frame.type) {
    case 'welcome': {
      const { connection, epoch, cursor, latest } = frame.payload
      return { connection, epoch, cursor, latest }
    }
    case 'notification':
    case 'updated':
    case 'removed':
    case 'caught_up':
      if (!place || place.latest >= frame.payload.seq) return place
      return { ...place, latest: frame.payload.seq }
    case 'gap':
    case 'counts':
    case 'ephemeral':
    case 'reply':
    case 'error':
    case 'pong':
    case 'token_expiring':
    case 'draining':
      return place
  }
}
