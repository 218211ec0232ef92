import * as z from 'zod/mini'
import { Seq } from '../identifiers.js'

/** Entries in (from, to] may no longer exist: the client lists the inbox again. */
export const GapMessage = z.object({
  type: z.literal('gap'),
  payload: z.object({
    from: Seq,
    to: Seq,
    /**
     * `epoch`: the client's position was of another log, or ahead of it; the replay starts at `from`, which is `to`.
     * `retention`: they grew too old, or too many, before this connection was sent them.
     */
    reason: z.enum(['epoch', 'retention']),
  }),
})
export type GapMessage = z.infer<typeof GapMessage>
