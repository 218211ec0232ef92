import * as z from 'zod/mini'
import { Count } from '../identifiers.js'

/** The counts have changed without an entry: retention has removed some. */
export const CountsMessage = z.object({
  type: z.literal('counts'),
  payload: z.object({ unread: Count, unseen: Count }),
})
