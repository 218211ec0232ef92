import * as z from 'zod/mini'
import { Seq } from '../identifiers.js'

/** This device has everything up to here. Cumulative. */
export const AckCommand = z.object({
  type: z.literal('ack'),
  payload: z.object({ seq: Seq }),
})
