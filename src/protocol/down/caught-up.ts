import * as z from 'zod/mini'
import { Count, Seq } from '../identifiers.js'

/** Comes once, when the connection has passed `welcome.latest`; what follows is live. */
export const CaughtUpMessage = z.object({
  type: z.literal('caught_up'),
  payload: z.object({ seq: Seq, unread: Count, unseen: Count }),
})
