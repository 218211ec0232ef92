import * as z from 'zod/mini'
import { Seq, Timestamp, Topic } from '../identifiers.js'
import { MarkResult } from '../mark.js'

/** The result of a command that had an `id`. */
export const ReplyMessage = z.object({
  type: z.literal('reply'),
  id: z.string(),
  payload: z.union([
    /** To `ack`: the device's cursor, on disk. */
    z.object({ cursor: Seq }),
    /** To `authenticate`. */
    z.object({ tokenExpiresAt: Timestamp }),
    /** To `mark`. */
    MarkResult,
    /** To `subscribe` and `unsubscribe`. */
    z.object({ topic: Topic }),
  ]),
})
