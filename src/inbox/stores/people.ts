import type { SendReceipt } from '../../protocol/send.js'
import type { Idempotency, ServiceName } from '../store.js'

/** What belongs to a user beside the inbox: devices, who is meant by what is never stored, and the user's end. */
export interface PeopleStore {
  /** The devices of a user, in the order in which they came. */
  devices(query: DevicesQuery): Promise<DevicesPage>
  /** A device was there at a time; changes nothing where it is not known, or is of another epoch. */
  seeDevice(command: SeeDevice): Promise<void>
  /** Forgets a device; undefined, and nothing done, where it is not known or was seen since. */
  removeDevice(command: RemoveDevice): Promise<RemovedDevice | undefined>
  /** Forgets what was delivered to a device that is gone; at most `limit` rows. */
  forgetDeliveries(command: ForgetDeliveries): Promise<{ next: DeliveriesStep | undefined }>
  /** Devices that were not seen since a time, among the next `limit` after a place. */
  unseenDevices(query: UnseenQuery): Promise<UnseenDevices>
  /** Those of some users who are subscribed to a topic. */
  subscribed(query: { topic: string; users: readonly string[] }): Promise<string[]>
  /** Keeps the receipt of a send that is stored nowhere, under the key that guards it. */
  keepReceipt(command: KeepReceipt): Promise<KeptReceipt>
  /**
   * Takes a user away, from everybody at once; what is theirs goes by `purge`. While `more` it has taken `limit` rows of
   * what would still bring something to the user, who is there until it is asked again.
   */
  erase(command: { user: string; limit: number }): Promise<ErasureBegun>
  /** Removes at most some `limit` rows of a user who was erased: of this one, or of whoever is next. */
  purge(command: { erasure?: number; limit: number }): Promise<{ more: boolean }>
}

export interface DevicesQuery {
  user: string
  /** This one alone; all where undefined. */
  device: string | undefined
  /** `next` of the page before. */
  after: number | undefined
  limit: number
}

export interface DevicesPage {
  items: KnownDevice[]
  /** The highest `seq` of the user's log. */
  latest: number
  next: number | undefined
}

export interface KnownDevice {
  device: string
  cursor: number
  createdAt: number
  lastSeenAt: number
}

export interface SeeDevice {
  user: string
  device: string
  /** Of the log that the device was reading; whichever it is where undefined. */
  epoch: string | undefined
  at: number
}

export interface RemoveDevice {
  user: string
  device: string
  /** Only where it was not seen since; in any case where undefined. */
  unseenSince: number | undefined
}

/** A device that is gone. */
export interface RemovedDevice {
  name: string
  /** By the store's own numbers, for `forgetDeliveries`. */
  user: number
  device: number
}

export interface ForgetDeliveries extends Pick<RemovedDevice, 'user' | 'device'> {
  /** `next` of the step before; the beginning where undefined. */
  from: DeliveriesStep | undefined
  limit: number
}

/** Where the walk through what a user had stands: in the inbox by `seq`, then in what became of the rest. */
export interface DeliveriesStep {
  among: 'inbox' | 'outcomes'
  after: number
}

export interface UnseenQuery {
  after: number
  limit: number
  since: number
}

export interface UnseenDevices {
  devices: { user: string; device: string }[]
  next: number | undefined
}

export interface KeepReceipt {
  sender: ServiceName
  idempotency: Idempotency
  receipt: SendReceipt
  at: number
}

export type KeptReceipt =
  | { kind: 'kept' }
  /** The same key and body came before: its receipt again. */
  | { kind: 'replayed'; receipt: SendReceipt }
  | { kind: 'key_reused' }

export type ErasureBegun =
  | { kind: 'more' }
  /** `erasure` by the store's own number, with the epoch of the life that has ended. */
  | { kind: 'erased'; erasure: number; epoch: string }
  | { kind: 'unknown' }
