import * as z from 'zod/mini'
import { NotificationContent } from '../notification.js'

/** A notification for the sockets that are connected now: in no log, so it has no `seq`, and nothing acknowledges it. */
export const EphemeralMessage = z.object({
  type: z.literal('ephemeral'),
  payload: z.object({ notification: NotificationContent }),
})

/** The frame as JSON text, from the content's own JSON. */
export function ephemeralFrame(contentJson: string): string {
  return `{"type":"ephemeral","payload":{"notification":${contentJson}}}`
}
