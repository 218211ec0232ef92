import type { ErrorCode } from '../protocol/errors.js'

/** What a client does after a close: never again, again with a fresh token, or again. */
export type AfterClose = 'stop' | 'token' | 'again'

/** The contract's table of close codes, as far as it says anything but "again, and back off". */
const TABLE: ReadonlyMap<number, AfterClose> = new Map([
  // Done.
  [1000, 'stop'],
  // The client broke the protocol: it would again.
  [1003, 'stop'],
  [1009, 'stop'],
  [4400, 'stop'],
  // Forbidden, disconnected for good, erased.
  [4403, 'stop'],
  // Too many connections of the user: to come back would only throw another out.
  [4409, 'stop'],
  // The device was removed.
  [4410, 'stop'],
  [4401, 'token'],
])

/** Reasons of such an end that are about the token and nothing else. */
const OF_TOKEN: ReadonlySet<string> = new Set<ErrorCode>([
  'token_revoked',
  'insufficient_scope',
  'device_not_allowed',
  'principal_changed',
])

/** A code that is not in the table is one of those that come and go, a newer service's too. */
export function afterClose(code: number): AfterClose {
  return TABLE.get(code) ?? 'again'
}

/** Whether the token alone is refused for good: whoever has another may still connect with that. */
export function isOfToken(reason: string): boolean {
  return OF_TOKEN.has(reason)
}
