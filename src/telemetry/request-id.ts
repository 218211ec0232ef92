import { randomUUID } from 'node:crypto'

/** Longest id that is taken over from a caller. */
export const MAX_REQUEST_ID_LENGTH = 64

/** The caller's own `X-Request-Id` where it is harmless in logs and headers, else a new one. */
export function requestIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' &&
    header.length <= MAX_REQUEST_ID_LENGTH &&
    /^[\w=-]+$/.test(header)
    ? header
    : randomUUID()
}
