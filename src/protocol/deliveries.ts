import * as z from 'zod/mini'
import { DeviceId, Timestamp, UserId } from './identifiers.js'

/** What became of a notification on one device of one of its users. */
export const Delivery = z.object({
  user: UserId,
  /** null where the user has no device. */
  device: z.nullable(DeviceId),
  /**
   * `delivered` wins over what came later. `skipped`: the device passed it by `cursor=latest`. `replaced`: a newer one of
   * its collapse key took its place, or was there before it. `removed`: retention took it.
   */
  status: z.enum(['pending', 'delivered', 'skipped', 'replaced', 'recalled', 'expired', 'removed']),
  deliveredAt: z.nullable(Timestamp),
  seenAt: z.nullable(Timestamp),
  readAt: z.nullable(Timestamp),
})
export type Delivery = z.infer<typeof Delivery>

/** The answer to `GET /v1/notifications/{id}/deliveries`. */
export const DeliveryList = z.object({
  items: z.array(Delivery),
  nextPage: z.nullable(z.string()),
})
export type DeliveryList = z.infer<typeof DeliveryList>
