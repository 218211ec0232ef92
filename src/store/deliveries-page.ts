import type { DeliveriesPage } from '../inbox/stores/deliveries.js'
import type { Delivery } from '../protocol/deliveries.js'

/** What became of a notification on one device of a user; times in milliseconds since 1970. */
export interface DeliveryRow {
  userId: number
  /** 0 where the user has no device. */
  deviceId: number
  user: string
  device: string | null
  status: Delivery['status']
  deliveredAt: number | null
  seenAt: number | null
  readAt: number | null
}

/** The two numbers by which deliveries are listed, of the last one that was told; zeros before the first. */
export function placeOf(after: string | undefined): { user: number; device: number } {
  const [user = 0, device = 0] = after === undefined ? [] : after.split('.').map(Number)
  return { user, device }
}

/**
 * How many rows a page looks for: the user of the place may have no row left, and one more than asked for tells whether there is a
 * next page.
 */
export function rowsOfPage(limit: number): number {
  return limit + 2
}

/** A page of what was found, which is more than the page where there is a next one. */
export function deliveriesPage(found: readonly DeliveryRow[], limit: number): DeliveriesPage {
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    items: rows.map(({ userId: _userId, deviceId: _deviceId, ...row }) => ({
      ...row,
      deliveredAt: timestamp(row.deliveredAt),
      seenAt: timestamp(row.seenAt),
      readAt: timestamp(row.readAt),
    })),
    next: found.length > limit && last ? `${last.userId}.${last.deviceId}` : undefined,
  }
}

function timestamp(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString()
}
