import type { Delivery } from '../protocol/deliveries.js'
import type { EntryState } from '../protocol/notification.js'
import type { NotificationOverview, SendReceipt } from '../protocol/send.js'
import type { Start } from '../protocol/socket-query.js'

/**
 * Where the log, the cursors and the deliveries are kept. Every method is one transaction and resolves when it is on
 * disk; none leaves a transaction open behind it, so that a store may live in a thread or across a network. A store
 * refuses with `store_unavailable` when it can't answer. The rules stand, numbered, in `test/store/contract.ts`.
 *
 * Times are milliseconds since 1970 (UTC) and come from the caller, so that one clock rules.
 */
export interface Store {
  /** Appends a notification to the log of each of its users, guarded by its idempotency key. */
  send(command: SendCommand): Promise<SendOutcome>
  /** Makes the device where it is new, and settles where its connection starts to read. */
  openDevice(command: OpenDevice): Promise<OpenedDevice>
  /** Moves the device's cursor forward and records a delivery for each living entry that it covers. */
  acknowledge(command: Acknowledge): Promise<{ cursor: number }>
  /** The log of a user after a position, in `seq` order. */
  changes(query: ChangesQuery): Promise<ChangesPage>
  /** The inbox of a user, newest first. */
  list(query: ListQuery): Promise<ListPage>
  /** Where the log of a user stands; that of one who is not known is empty. */
  head(user: string): Promise<LogHead>
  /** The highest `seq` of each of these users that is known: what sessions look at when no wake comes. */
  latest(users: readonly string[]): Promise<Map<string, number>>
  /** A notification and what became of it as a whole. */
  notification(id: string): Promise<NotificationOverview | undefined>
  /** What became of a notification, by user and device; undefined where there is no such notification. */
  deliveries(query: DeliveriesQuery): Promise<DeliveriesPage | undefined>
  /** Resolves when the store can both write and read. */
  check(): Promise<void>
  /** Ends what is under way, then releases everything; idempotent. */
  close(): Promise<void>
}

/** A service, as a sender and as the owner of idempotency keys; an absent `iss` counts as empty. */
export interface ServiceName {
  issuer: string
  subject: string
}

export interface SendCommand {
  id: string
  sender: ServiceName
  /** The content as JSON text, as users read it: see `notificationJson`. */
  contentJson: string
  createdAt: number
  /** Each user once. */
  users: readonly string[]
  /** Whether the receipt tells the `seq`: where one user was named as such. */
  tellSeq: boolean
  idempotency: { key: string; fingerprint: string } | undefined
}

export type SendOutcome =
  | { kind: 'stored'; receipt: SendReceipt; arrivals: readonly Arrival[] }
  /** The same key and body came before: its receipt again. */
  | { kind: 'replayed'; receipt: SendReceipt }
  | { kind: 'key_reused' }

/** How long an idempotency key guards its answer: 24 hours. */
export const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000

/** One entry that was just written, with the user's counts as of then. */
export interface Arrival {
  user: string
  seq: number
  unread: number
  unseen: number
}

export interface LogHead {
  epoch: string
  /** The highest `seq` given out; 0 in an empty log. */
  latest: number
  /** Entries up to here may have been removed by retention; 0 where none was. */
  horizon: number
  unread: number
  unseen: number
}

export interface OpenDevice {
  user: string
  device: string
  start: Start
  at: number
}

export interface OpenedDevice extends LogHead {
  /** The device's stored cursor. */
  cursor: number
  /** The connection reads what comes after this `seq`. */
  position: number
  /** The client's own position was of another log, or ahead of this one. */
  strayed: boolean
}

export interface Acknowledge {
  user: string
  device: string
  /** An acknowledgement of another epoch changes nothing. */
  epoch: string
  seq: number
  at: number
}

export interface ChangesQuery {
  user: string
  after: number
  /** Most entries of a page. */
  limit: number
  /** A page ends with the entry that takes its content to this many bytes: at least one comes. */
  maxBytes: number
}

/** A user's entry of the log, its content as JSON text. */
export interface Entry extends EntryState {
  contentJson: string
}

export interface ChangesPage extends LogHead {
  entries: Entry[]
  /** Everything up to here is in this page or before it. */
  through: number
}

export interface ListQuery {
  user: string
  /** Only what arrived before this `arrivedSeq`; from the newest where undefined. */
  before: number | undefined
  limit: number
}

export interface ListPage extends LogHead {
  entries: Entry[]
  /** `before` of the next page, where there is one. */
  next: number | undefined
}

/** The form of a place in the list of deliveries, for whoever takes one back from outside. */
export const DELIVERIES_PLACE = /^\d{1,15}\.\d{1,15}$/

export interface DeliveriesQuery {
  id: string
  /** `next` of the page before; only the store knows what it means. */
  after: string | undefined
  limit: number
}

export interface DeliveriesPage {
  items: Delivery[]
  /** Where the next page goes on, where there is one. */
  next: string | undefined
}
