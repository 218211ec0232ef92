import * as z from 'zod/mini'
import { Seq } from '../identifiers.js'

/** Entries in (from, to] may no longer exist: the client lists the inbox again. */
export const GapMessage = z.object({
  type: z.literal('gap'),
  payload: z.object({
    from: Seq,
    to: Seq,
    /** `epoch`: the client's position was of another log, or ahead of it; the replay starts at `from`. */
    reason: z.enum(['epoch']),
  }),
})
