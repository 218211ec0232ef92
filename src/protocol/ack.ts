import * as z from 'zod/mini'
import { PosthornError } from './errors.js'
import { DeviceId, Epoch, Seq } from './identifiers.js'
import { parse } from './violations.js'

/** The body of `POST /v1/inbox/ack`: this device has all up to here. An absent epoch is told by an error of its own. */
export const AckRequest = z.strictObject({
  device: DeviceId,
  seq: Seq,
  epoch: z.optional(Epoch),
})

/** Up to where a device has all, and in which log. */
interface Ack {
  device: string
  seq: number
  epoch: string
}

/** The answer: the device's cursor, on disk. */
export const AckResult = z.object({ cursor: Seq })
export type AckResult = z.infer<typeof AckResult>

/**
 * Parses the body of an acknowledgement.
 * @throws PosthornError `invalid_request`, or `epoch_required` for a `seq` without its epoch
 */
export function parseAck(body: unknown): Ack {
  const parsed = parse(AckRequest, body)
  if ('violations' in parsed) {
    throw new PosthornError('invalid_request', 'The body is not an acknowledgement.', parsed)
  }
  const { epoch, ...ack } = parsed.value
  if (epoch === undefined) {
    throw new PosthornError('epoch_required', 'A position is sent together with its epoch.')
  }
  return { ...ack, epoch }
}
