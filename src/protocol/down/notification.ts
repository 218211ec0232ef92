import * as z from 'zod/mini'
import { Count, Seq } from '../identifiers.js'
import { Notification, notificationJson, type EntryState } from '../notification.js'

/** A notification, whole. */
export const NotificationMessage = z.object({
  type: z.literal('notification'),
  payload: z.object({
    seq: Seq,
    notification: Notification,
    /** Whether it stood in the log before this connection was welcomed. */
    replayed: z.boolean(),
    /** Counts as of then, on live events. */
    unread: z.optional(Count),
    unseen: z.optional(Count),
  }),
})

/** The frame as JSON text, from the content's own JSON: see `notificationJson`. */
export function notificationFrame(
  state: EntryState,
  contentJson: string,
  counts: { unread: number; unseen: number } | 'replayed',
): string {
  const tail =
    counts === 'replayed'
      ? '"replayed":true'
      : `"replayed":false,"unread":${counts.unread},"unseen":${counts.unseen}`
  return (
    `{"type":"notification","payload":{"seq":${state.seq}` +
    `,"notification":${notificationJson(state, contentJson)},${tail}}}`
  )
}

/** The id of the notification that a frame brings whole; undefined in any other frame. */
export function idInFrame(frame: string): string | undefined {
  return /^\{"type":"notification",.*?,"archivedAt":(?:null|"[^"]*"),"id":"([^"\\]+)"/.exec(
    frame,
  )?.[1]
}
