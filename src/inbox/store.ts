import type { MarkAction } from '../protocol/mark.js'
import type { RemovalReason } from '../protocol/down/removed.js'
import type { InboxFilter as NamedFilter } from '../protocol/inbox.js'
import type { EntryState } from '../protocol/notification.js'
import type { SendReceipt } from '../protocol/send.js'
import type { Start } from '../protocol/socket-query.js'
import type { FrameArray } from './stores/frame-array.js'
import type { DeliveryStore } from './stores/deliveries.js'
import type { LifetimeStore } from './stores/lifetimes.js'
import type { PeopleStore, RemovedDevice } from './stores/people.js'
import type { RevocationStore } from './stores/revocations.js'
import type { TopicStore } from './stores/topics.js'

/**
 * Where the log, the cursors and the deliveries are kept. Every method is one transaction and resolves when it is on
 * disk; none leaves a transaction open behind it, so that a store may live in a thread or across a network. A store
 * refuses with `store_unavailable` when it can't answer. The rules stand, numbered, in `test/store/contract.ts`.
 *
 * Times are milliseconds since 1970 (UTC) and come from the caller, so that one clock rules.
 */
export interface Store
  extends DeliveryStore, LifetimeStore, TopicStore, PeopleStore, RevocationStore {
  /**
   * Takes a notification, guarded by its idempotency key: appends it to the log of each user that it names, or keeps it until
   * it is due, or begins its fan-out.
   */
  send(command: SendCommand): Promise<SendOutcome>
  /** Makes the device where it is new, and settles where its connection starts to read. */
  openDevice(
    command: OpenDevice & DeviceBounds,
  ): Promise<OpenedDevice & { evicted: RemovedDevice[] }>
  /** Moves the device's cursor forward and records a delivery for each living entry that it covers. */
  acknowledge(command: Acknowledge): Promise<AcknowledgeOutcome>
  /** Marks entries, each of which takes the next `seq`; one step of at most `limit`. Makes no user. */
  mark(command: MarkStep): Promise<MarkedStep>
  /** The log of a user after a position, in `seq` order. */
  changes(query: ChangesQuery): Promise<ChangesPage>
  /** The inbox of a user, newest first. */
  list(query: ListQuery): Promise<ListPage>
  /** One entry of a user's inbox; undefined where it is not there. */
  entry(query: { user: string; id: string }): Promise<Entry | undefined>
  /** Where the log of a user stands; that of one who is not known is empty. */
  head(user: string): Promise<LogHead>
  /** The highest `seq` of each of these users that is known: what sessions look at when no wake comes. */
  latest(users: readonly string[]): Promise<Map<string, number>>
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
  /** When it arrives, where that is later than `createdAt`. */
  dueAt: number | undefined
  expiresAt: number | undefined
  collapseKey: string | undefined
  target: SendTarget
  idempotency: Idempotency | undefined
}

export type SendTarget =
  /** Each once; `single` where one was named as such, and is told the `seq`. */
  | { kind: 'users'; users: readonly string[]; single: boolean }
  | { kind: 'topic'; topic: string }
  | { kind: 'everyone' }

export interface Idempotency {
  key: string
  fingerprint: string
}

export type SendOutcome =
  /** `arrivals` are those that have come already. */
  | { kind: 'accepted'; receipt: SendReceipt; arrivals: readonly Arrival[] }
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

/** How many devices a user may have; one that is new makes others go: those seen least recently, those offline first. */
export interface DeviceBounds {
  /** Any number where undefined. */
  maxDevices?: number
  /** Devices that are connected now. */
  online?: readonly string[]
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
  epoch: string
  seq: number
  at: number
}

/** Where the cursor stands then, or why nothing has changed. */
export type AcknowledgeOutcome =
  | { kind: 'acknowledged'; cursor: number }
  | { kind: 'unknown_device' }
  | { kind: 'other_epoch' }
  /** What is not there yet can't have been received. */
  | { kind: 'ahead'; latest: number }

/** Which entries a list shows: `inbox` is all that is not archived. */
export type InboxFilter = 'inbox' | NamedFilter

export interface MarkStep {
  user: string
  action: MarkAction
  at: number
  /** Most entries that it changes. */
  limit: number
  entries:
    /** Each once. */
    | { kind: 'ids'; ids: readonly string[] }
    /** What arrived in (`after`, `upTo`], in that order; in another epoch nothing changes. */
    | { kind: 'upTo'; after: number; upTo: number; epoch: string; type: string | undefined }
}

/** What a step has changed, and where the log and the counts stand then. */
export interface MarkedStep extends LogHead {
  /** In the order of their new `seq`. */
  moved: MarkedEntry[]
  /** `after` of the next step, where there may be more. */
  next: number | undefined
}

/** An entry that was marked, with the user's counts as of then. */
export interface MarkedEntry {
  id: string
  /** Where it stood. */
  from: number
  state: EntryState
  unread: number
  unseen: number
}

/** For whom changes are read: content that this device has is not read again. */
export interface ChangesReader {
  device: string
  /** What arrived after this is new to its connection, whatever the device has. */
  startedAt: number
  /** Whether all comes whole; by default where `startedAt` is below the device's cursor. */
  whole?: boolean
}

export interface ChangesQuery {
  user: string
  /** What has expired by then is passed over. */
  at: number
  /** Without one all comes whole, as for a device that is not known. */
  reader?: ChangesReader | undefined
  after: number
  /** Most entries of a page. */
  limit: number
  /** A page ends with the frame that takes it to this many bytes: at least one comes. */
  maxBytes: number
  /** What stands up to here is told as replayed, and what comes after it with the counts of the page; all as replayed by default. */
  replayedTo?: number
}

/** A user's entry of the log, its content as JSON text. */
export interface Entry extends EntryState {
  contentJson: string
}

/** An entry of the log as one reader is told of it. */
export type Change =
  | ({ kind: 'whole' } & Entry)
  /** The reader has the content: its state is news. */
  | ({ kind: 'state'; id: string } & EntryState)
  /** It was taken out of the inbox. */
  | { kind: 'removed'; seq: number; id: string; collapseKey: string | null; reason: RemovalReason }

export interface ChangesPage extends LogHead {
  /** The frames that tell of the entries, see `changeFrame`; those of one array are all replayed, or all live. */
  arrays: FrameArray[]
  /** Everything up to here is in this page or before it. */
  through: number
}

export interface ListQuery {
  user: string
  /** Default: `inbox`. */
  filter?: InboxFilter
  /** Of this type alone; of any where undefined. */
  type?: string | undefined
  /** Only what arrived before this `arrivedSeq`; from the newest where undefined. */
  before: number | undefined
  limit: number
  /** A page ends with the entry by which it is this large, in bytes of content; by default at any. */
  maxBytes?: number
}

export interface ListPage extends LogHead {
  entries: Entry[]
  /** `before` of the next page, where there is one. */
  next: number | undefined
}
