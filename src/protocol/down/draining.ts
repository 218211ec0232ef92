import * as z from 'zod/mini'
import { Count } from '../identifiers.js'

/** The service is about to stop: close 1012 follows. Come back after so long, not all at once. */
export const DrainingMessage = z.object({
  type: z.literal('draining'),
  payload: z.object({
    /** Milliseconds, drawn at random for each connection. */
    reconnectAfterMs: Count,
  }),
})
