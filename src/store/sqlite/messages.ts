import type { LogBounds } from './trim.js'

/** What the event loop and a store thread say to each other. Both are this program: nothing here comes from outside. */

export interface Request {
  id: number
  operation: string
  input: unknown
}

export type Response =
  { id: number; ok: true; value: unknown } | { id: number; ok: false; failure: Failure }

export interface Failure {
  message: string
  /** SQLite's own code, where the failure is the database's: https://sqlite.org/rescode.html. */
  sqliteCode: string | undefined
}

/** A transaction of the writer that has changed something. */
export interface Commit {
  /** Writes that shared it. */
  writes: number
  /** From its beginning until it was on disk. */
  seconds: number
}

export type ToThread = { kind: 'requests'; requests: Request[] } | { kind: 'close' }

export type FromThread =
  | { kind: 'ready' }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'responses'; responses: Response[]; commit?: Commit | undefined }

export interface ThreadData {
  role: 'writer' | 'reader'
  path: string
  bounds: LogBounds
  /** Whether the writer begins another life of all logs. */
  newEpoch: boolean
}
