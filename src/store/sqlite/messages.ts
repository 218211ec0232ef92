import type { LogBounds } from '../log-bounds.js'
import type { Trouble } from './trouble.js'

/** What the event loop and a store thread say to each other. Both are this program: nothing here comes from outside. */

export interface Request {
  id: number
  operation: string
  input: unknown
  /** That it stands for. */
  writes: number
}

export type Response =
  { id: number; ok: true; value: unknown } | { id: number; ok: false; failure: Failure }

export interface Failure {
  message: string
  /** SQLite's own code, where the failure is the database's: https://sqlite.org/rescode.html. */
  sqliteCode: string | undefined
  /** What keeps the database from its work, where that is none of the request's making and may pass. */
  trouble: Trouble | undefined
}

/** A transaction of the writer that has changed something. */
export interface Commit {
  /** Writes that shared it. */
  writes: number
  /** From its beginning until it was on disk. */
  seconds: number
}

/** What a group of requests came to. */
export interface Done {
  responses: Response[]
  /** Where it changed something. */
  commit?: Commit | undefined
}

export type ToThread = { kind: 'requests'; requests: Request[] } | { kind: 'close' }

export type FromThread =
  { kind: 'ready' } | { kind: 'failed'; failure: Failure } | ({ kind: 'responses' } & Done)

export interface ThreadData {
  role: 'writer' | 'reader'
  path: string
  bounds: LogBounds
  /** Whether the writer begins another life of all logs. */
  newEpoch: boolean
}
