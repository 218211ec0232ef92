import * as z from 'zod/mini'
import { DeviceId, Epoch, Seq } from './identifiers.js'

/** The body of `POST /v1/inbox/ack`: this device has all up to here. An absent epoch is told by an error of its own. */
export const AckRequest = z.strictObject({
  device: DeviceId,
  seq: Seq,
  epoch: z.optional(Epoch),
})

/** The answer: the device's cursor, on disk. */
export const AckResult = z.object({ cursor: Seq })
export type AckResult = z.infer<typeof AckResult>
