import type { ErrorCode } from '../protocol/errors.js'

/**
 * The connections that are open now, for what reaches them beside the log. Best effort, and promises all through, since they
 * may be on several nodes: a connection may come or go while it is asked for, and nothing here is kept.
 */
export interface LiveConnections {
  /** Hands a notification that is in no log to whoever is connected, has been welcomed, and reads fast enough. */
  deliver(target: LiveTarget, contentJson: string): Promise<void>
  /** The users who have a connection, each once. */
  users(): Promise<string[]>
  /** The user whose connection it is. */
  userOf(connection: string): Promise<string | undefined>
  /** A user's connections, the oldest first. */
  connections(user: string): Promise<LiveConnection[]>
  /** The newest connections of all users, the latest first and at most `limit`, and how many there are. */
  newest(limit: number): Promise<{ connections: UsersConnection[]; total: number }>
  /** Ends connections of a user, those that are just being opened too; gives how many. */
  end(which: LiveSelection, why: LiveEnd): Promise<number>
  /** Ends the connections whose token was revoked meanwhile: those of one user, or all. */
  endRevoked(user: string | undefined): Promise<void>
}

/** The connections of this process, beside those of others. */
export interface LocalConnections extends LiveConnections {
  /** One that is open; undefined where it is over, or is just being opened. */
  find(connection: string): UsersConnection | undefined
  /** The names of all whose user is known, open or just being opened. */
  names(): Iterable<string>
}

/** Is told of connections of this process as they come and go, each once; none of it may throw. */
export interface LiveObserver {
  /** Its user is known: it is being opened. */
  joined(connection: string, user: string): void
  left(connection: string, user: string): void
}

export type LiveTarget =
  | { kind: 'users'; users: readonly string[] }
  | { kind: 'device'; user: string; device: string }
  | { kind: 'connection'; connection: string }
  | { kind: 'everyone' }

/** All of a user's; only what is named, where something is. */
export interface LiveSelection {
  user: string
  device?: string | undefined
  connection?: string | undefined
  /** Of the log that it reads; one that is being opened ends where it turns out to read that one. */
  epoch?: string | undefined
  /** Only those whose user was known so many milliseconds ago already: what came since is not meant. */
  joinedMsAgo?: number | undefined
}

/** Times are milliseconds since 1970 (UTC). */
export interface LiveConnection {
  connection: string
  device: string
  connectedAt: number
  /** When its peer last gave a sign of life. */
  heardAt: number
}

export interface UsersConnection extends LiveConnection {
  user: string
}

/** What a connection is told when it ends. */
export type LiveEnd =
  /** It may come again at once: close 1012, without an error. */
  | { kind: 'reconnect' }
  /** An error, whose close code follows. */
  | { kind: 'error'; code: ErrorCode; detail: string }
