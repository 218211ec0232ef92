import type { Arrived, LogMove, Moved, Removed } from '../inbox/wake.js'
import { notificationFrame } from '../protocol/down/notification.js'
import { removedFrame } from '../protocol/down/removed.js'
import { updatedFrame } from '../protocol/down/updated.js'
import type { LiveMove } from './log-reader.js'

/** The frame of a change is written once, by the first session that sends it, for all of them. */
export function toLiveMove(move: LogMove): LiveMove {
  const { change, seq } = move
  if (!change || change.kind === 'counts') return { ...move, frame: undefined }
  let frame: string | undefined
  return { ...move, frame: () => (frame ??= frameOf(change, seq)) }
}

function frameOf(change: Arrived | Moved | Removed, seq: number): string {
  switch (change.kind) {
    case 'arrived': {
      const state = { seq, arrivedSeq: seq, seenAt: null, readAt: null, archivedAt: null }
      return notificationFrame(state, change.contentJson, change)
    }
    case 'moved':
      return updatedFrame(change.state, change.id, change)
    case 'removed':
      return removedFrame({ seq, ...change }, change)
  }
}
