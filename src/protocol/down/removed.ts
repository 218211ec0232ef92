import * as z from 'zod/mini'
import { CollapseKey, Count, NotificationId, Seq } from '../identifiers.js'

/** Why an entry is taken out of an inbox. */
export const RemovalReason = z.enum(['recalled', 'expired'])
export type RemovalReason = z.infer<typeof RemovalReason>

/**
 * Drop what has this id, or this collapse key and a lower `seq`: the device may hold what this one had replaced. It may name
 * what the device never had.
 */
export const RemovedMessage = z.object({
  type: z.literal('removed'),
  payload: z.object({
    seq: Seq,
    id: NotificationId,
    collapseKey: z.optional(CollapseKey),
    reason: RemovalReason,
    /** Counts as of then, on live events. */
    unread: z.optional(Count),
    unseen: z.optional(Count),
  }),
})

/** The frame as JSON text; made as `notificationFrame` is. */
export function removedFrame(
  removal: { seq: number; id: string; collapseKey: string | null; reason: RemovalReason },
  counts: { unread: number; unseen: number } | 'replayed',
): string {
  const { seq, id, collapseKey, reason } = removal
  const key = collapseKey === null ? '' : `,"collapseKey":${JSON.stringify(collapseKey)}`
  const tail = counts === 'replayed' ? '' : `,"unread":${counts.unread},"unseen":${counts.unseen}`
  return `{"type":"removed","payload":{"seq":${seq},"id":"${id}"${key},"reason":"${reason}"${tail}}}`
}
