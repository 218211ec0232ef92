import type { Delivery } from '../../protocol/deliveries.js'
import type { NotificationOverview } from '../../protocol/send.js'

/** What became of notifications. */
export interface DeliveryStore {
  /** A notification and what became of it as a whole; undefined where there is no such notification. */
  notification(query: NotificationQuery): Promise<NotificationOverview | undefined>
  /** What became of a notification, by user and device; undefined likewise. */
  deliveries(query: DeliveriesQuery): Promise<DeliveriesPage | undefined>
}

/** The form of a place in the list of deliveries, for whoever takes one back from outside. */
export const DELIVERIES_PLACE = /^\d{1,15}\.\d{1,15}$/

/** A notification is known while it is in an inbox, scheduled or fanning out, or was accepted after `keptAfter`. */
export interface NotificationQuery {
  id: string
  at: number
  keptAfter: number
}

export interface DeliveriesQuery extends NotificationQuery {
  /** `next` of the page before; only the store knows what it means. */
  after: string | undefined
  limit: number
}

export interface DeliveriesPage {
  items: Delivery[]
  /** Where the next page goes on, where there is one. */
  next: string | undefined
}
