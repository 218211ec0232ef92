import * as z from 'zod/mini'
import { DeviceId, Seq, Timestamp } from './identifiers.js'

/** A device of a user: a durable reader of the log. */
export const Device = z.object({
  device: DeviceId,
  /** The highest `seq` that it has acknowledged. */
  cursor: Seq,
  /** The highest `seq` of the log. */
  latest: Seq,
  /** Whether it has a connection now. */
  online: z.boolean(),
  createdAt: Timestamp,
  /** When it last connected, acknowledged, or its connection ended. */
  lastSeenAt: Timestamp,
})
export type Device = z.infer<typeof Device>

/** The answer to `GET /v1/devices` and `GET /v1/users/{user}/devices`, in the order in which the devices came. */
export const DeviceList = z.object({
  items: z.array(Device),
  nextPage: z.nullable(z.string()),
})
export type DeviceList = z.infer<typeof DeviceList>
