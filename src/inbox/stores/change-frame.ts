import { notificationFrame } from '../../protocol/down/notification.js'
import { removedFrame } from '../../protocol/down/removed.js'
import { updatedFrame } from '../../protocol/down/updated.js'
import type { Change } from '../store.js'

/** What a reader is told of a change, as the JSON text of a frame. */
export function changeFrame(
  change: Change,
  counts: { unread: number; unseen: number } | 'replayed',
): string {
  switch (change.kind) {
    case 'whole':
      return notificationFrame(change, change.contentJson, counts)
    case 'state':
      return updatedFrame(change, change.id, counts)
    case 'removed':
      return removedFrame(change, counts)
  }
}
