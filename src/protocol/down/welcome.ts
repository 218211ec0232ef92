import * as z from 'zod/mini'
import { Count, DeviceId, Epoch, Seq, Timestamp, UserId } from '../identifiers.js'

/** The first message of a connection that was let in. */
export const WelcomeMessage = z.object({
  type: z.literal('welcome'),
  payload: z.object({
    /** Opaque name of this connection. */
    connection: z.string(),
    user: UserId,
    device: DeviceId,
    epoch: Epoch,
    /** The highest `seq` that the device has acknowledged. */
    cursor: Seq,
    /** The highest `seq` of the log; `caught_up` comes when the connection has passed it. */
    latest: Seq,
    unread: Count,
    unseen: Count,
    /** Milliseconds between the server's pings. */
    heartbeatMs: z.int(),
    /** Entries that may be sent and not yet acknowledged. */
    maxUnacked: z.int(),
    /** Largest frame that the client may send, in bytes. */
    maxFrameBytes: z.int(),
    tokenExpiresAt: Timestamp,
    serverTime: Timestamp,
  }),
})
