import * as z from 'zod/mini'
import { Count, NotificationId, Seq, Timestamp } from '../identifiers.js'
import { stateJson, type EntryState } from '../notification.js'

/** The state of an entry has changed whose content this device has, or was sent. */
export const UpdatedMessage = z.object({
  type: z.literal('updated'),
  payload: z.object({
    seq: Seq,
    id: NotificationId,
    seenAt: z.nullable(Timestamp),
    readAt: z.nullable(Timestamp),
    archivedAt: z.nullable(Timestamp),
    /** Counts as of then, on live events. */
    unread: z.optional(Count),
    unseen: z.optional(Count),
  }),
})

/** The frame as JSON text; made as `notificationFrame` is, since as many go out. */
export function updatedFrame(
  state: EntryState,
  id: string,
  counts: { unread: number; unseen: number } | 'replayed',
): string {
  const tail = counts === 'replayed' ? '' : `,"unread":${counts.unread},"unseen":${counts.unseen}`
  return `{"type":"updated","payload":{"seq":${state.seq},"id":"${id}",${stateJson(state)}${tail}}}`
}
