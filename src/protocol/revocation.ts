import * as z from 'zod/mini'
import { PosthornError, type Violation } from './errors.js'
import { UserId } from './identifiers.js'
import { parse } from './violations.js'

/** The end of the year 9999, in seconds since 1970: RFC 3339 knows no later time. */
const MAX_SECONDS = 253_402_300_799

/** How far ahead of now `issuedBefore` may lie: one day. What is revoked stays so, by mistake too. */
const MAX_AHEAD_MS = 24 * 60 * 60 * 1_000

/** A time as RFC 3339 writes it, or in seconds since 1970, as a token's claims tell it (RFC 7519 §2, NumericDate). */
const Moment = z.union([
  z.iso.datetime({ offset: true, error: 'is a time as RFC 3339 writes it, or in seconds' }),
  z.number().check(z.minimum(0), z.maximum(MAX_SECONDS)),
])

/** The body of `POST /v1/revocations`: one token, or all of a user's from before a time. */
export const RevocationRequest = z.union([
  z.strictObject({
    jti: z.string().check(z.minLength(1), z.maxLength(1_024)),
    /** The token's own: after it nobody believes the token anyway. */
    exp: Moment,
  }),
  z.strictObject({
    user: UserId,
    /** Tokens that were issued before, by their `iat`; one without is refused. At most a day ahead. */
    issuedBefore: Moment,
  }),
])
export type RevocationRequest = z.infer<typeof RevocationRequest>

/** What is revoked; times in milliseconds since 1970. */
export type RevokedTokens =
  | { kind: 'token'; jti: string; expiresAt: number }
  | { kind: 'user'; user: string; issuedBefore: number }

/** @throws PosthornError `invalid_request` */
export function parseRevocation(body: unknown, now: number): RevokedTokens {
  const parsed = parse(RevocationRequest, body)
  if ('violations' in parsed) throw refusal(parsed.violations)
  const { value } = parsed
  if ('jti' in value) return { kind: 'token', jti: value.jti, expiresAt: toMilliseconds(value.exp) }
  const issuedBefore = toMilliseconds(value.issuedBefore)
  if (issuedBefore > now + MAX_AHEAD_MS) {
    const detail = 'must be at most a day ahead'
    throw refusal([{ pointer: '/issuedBefore', code: 'invalid_value', detail }])
  }
  return { kind: 'user', user: value.user, issuedBefore }
}

function toMilliseconds(moment: string | number): number {
  return typeof moment === 'string' ? Date.parse(moment) : Math.ceil(moment * 1_000)
}

function refusal(violations: readonly Violation[]): PosthornError {
  return new PosthornError('invalid_request', 'The body does not say what to revoke.', {
    violations,
  })
}
