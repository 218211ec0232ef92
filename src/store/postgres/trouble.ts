import { DatabaseError } from 'pg'
import type { ErrorCode } from '../../protocol/errors.js'

/**
 * What may keep the database from its work and is none of a request's making, in words that an operator can act on. They are shown to
 * whoever asks `readyz`: no address and no message of the server's stands in them.
 */
export const TROUBLES = {
  away: { code: 'store_unavailable', says: 'the database does not answer' },
  refusing: {
    code: 'store_unavailable',
    says: 'the database refuses the connection: its name, the role or the password is not right',
  },
  crowded: { code: 'store_unavailable', says: 'the database has no connection or memory left' },
  readOnly: { code: 'store_unavailable', says: 'the database takes no writes: is it a standby?' },
  failing: { code: 'store_unavailable', says: 'the disk of the database answers with errors' },
  full: { code: 'storage_full', says: 'the disk of the database is full' },
} as const satisfies Record<string, { code: ErrorCode; says: string }>

export type TroubleKind = keyof typeof TROUBLES

/** A failure that is none of the request's making. */
export interface Trouble {
  /** Undefined where this request alone came to nothing: what it waited for may be held for one user only. */
  kind: TroubleKind | undefined
  code: Extract<ErrorCode, 'store_unavailable' | 'storage_full'>
  /** Whether the connection is of no use any more. */
  breaks: boolean
}

/** By the beginning of SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html), the longer ones first. */
const BY_STATE: readonly (readonly [string, TroubleKind | undefined, { breaks: boolean }])[] = [
  ['53100', 'full', { breaks: false }],
  // Connection exceptions, insufficient resources, operator intervention, system errors.
  ['08', 'away', { breaks: true }],
  ['53', 'crowded', { breaks: false }],
  ['57P', 'away', { breaks: true }],
  ['57014', undefined, { breaks: false }],
  ['58', 'failing', { breaks: false }],
  // Ended by the server for its silence, a lock that does not come free, a standby that has no writes.
  ['25P03', undefined, { breaks: true }],
  ['55P03', undefined, { breaks: false }],
  ['25006', 'readOnly', { breaks: true }],
  // A role or database that is gone, a password that is another now.
  ['28', 'refusing', { breaks: true }],
  ['3D000', 'refusing', { breaks: true }],
]

/** Codes of a failed system call, by which a connection ends. */
const SYSTEM_CALL = /^E[A-Z]+$/

/** The trouble that a failure shows; undefined where it is a fault of ours. */
export function troubleOf(error: unknown): Trouble | undefined {
  if (error instanceof DatabaseError) {
    const { code: state = '' } = error
    const found = BY_STATE.find(([beginning]) => state.startsWith(beginning))
    if (!found) return undefined
    const [, kind, { breaks }] = found
    return { kind, code: kind ? TROUBLES[kind].code : 'store_unavailable', breaks }
  }
  if (!(error instanceof Error)) return undefined
  // The driver tells by words alone that a connection has ended, or does not answer.
  const isEnded =
    /^Connection terminated|^Client has encountered a connection error|^Query read timeout|not queryable/.test(
      error.message,
    ) ||
    ('code' in error && typeof error.code === 'string' && SYSTEM_CALL.test(error.code))
  return isEnded ? { kind: 'away', code: 'store_unavailable', breaks: true } : undefined
}

/** Whether two transactions waited for each other, and this one gave way: it may go well the next time. */
export function isConflict(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40P01' || error.code === '40001')
}
