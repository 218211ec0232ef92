/** A notification that was answered with 2xx, as its poster knows it. */
export interface Accepted {
  user: string
  /** Its `Idempotency-Key`, which is its title too: one key, one notification. */
  key: string
  id: string
  seq: number
  /** Who sent it: one poster sends one after the other. */
  poster: number
}

/** What a device was told of an entry. */
export interface Heard {
  type: 'notification' | 'updated' | 'removed'
  seq: number
  id: string
  isRead: boolean
}

/** One socket of a device, from its handshake to its end. */
export interface Connection {
  user: string
  device: string
  /** What the device said that it has; undefined where it said nothing. */
  cursor: number | undefined
  epoch: string | undefined
  heard: Heard[]
  /** What must not happen at all: a gap, a refusal. */
  strange: string[]
}

/** An entry of a user's log as the service has it at the end. */
export interface LogEntry {
  seq: number
  arrivedSeq: number
  id: string
  title: string
  isRead: boolean
}

/** A user's log, whole, with what the service counts of it. */
export interface UserLog {
  user: string
  epoch: string
  latest: number
  unread: number
  unseen: number
  entries: LogEntry[]
}

/** All that was promised and heard in a run, and what is there at its end. */
export interface History {
  accepted: Accepted[]
  /** Ids of entries of which a mark as read was answered with 2xx. */
  read: ReadonlySet<string>
  /** In the order in which they were opened. */
  connections: Connection[]
  logs: UserLog[]
}
