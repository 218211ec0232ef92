import type { JWTPayload } from 'jose'
import * as z from 'zod/mini'
import { PosthornError } from '../protocol/errors.js'
import { DeviceId, UserId } from '../protocol/identifiers.js'
import { isOfAnother, type Grant, type Issuer } from './issuers.js'
import { hashOfName, type TokenIdentity } from './revocations.js'
import { SCOPES, type Principal, type Scope } from './principal.js'
import { TopicPatterns } from './topics.js'

/** The end of the year 9999, in seconds since 1970: RFC 3339 knows no later time, and `tokenExpiresAt` tells it. */
const MAX_EXP = 253_402_300_799

const Claims = z.object({
  sub: z.string(),
  exp: z.number().check(z.maximum(MAX_EXP)),
  iss: z.optional(z.string()),
  // Of another form they name the token to nobody: it is revoked by its user alone, as one from before any time.
  jti: z.optional(z.unknown()),
  iat: z.optional(z.unknown()),
  // Some issuers write a list: whatever is no string is no scope of ours.
  scope: z.optional(z.unknown()),
  device: z.optional(DeviceId),
  topics: z._default(TopicPatterns, []),
})

/**
 * Whom verified claims speak for: with a scope of ours a service, else a user.
 * @throws PosthornError `invalid_token` where they are not of the expected form, `insufficient_scope` where their issuer
 *   may not speak for such a one
 */
export function toPrincipal(
  payload: JWTPayload,
  issuer: Issuer,
  issuers: readonly Issuer[],
): Principal {
  const claims = Claims.safeParse(payload)
  if (!claims.success) throw invalid('The claims of the token are not of the expected form.')
  const { sub, exp, iss = '', scope, device, topics, jti, iat } = claims.data
  const expiresAt = exp * 1000
  const scopes = new Set(typeof scope === 'string' ? scope.split(' ').filter(isScope) : [])
  if (scopes.size > 0) {
    requireGrant(issuer, 'service')
    if (sub === '') throw invalid('The claim `sub` is empty.')
    const identity = identityOf({ jti, iat, user: undefined })
    return { kind: 'service', issuer: iss, subject: sub, scopes, expiresAt, identity }
  }
  requireGrant(issuer, 'user')
  const user = `${issuer.userPrefix}${sub}`
  if (sub === '' || !UserId.safeParse(user).success) {
    throw invalid('The claim `sub` is no user: 1–255 characters, none of them a control character.')
  }
  if (isOfAnother(user, issuer, issuers)) {
    throw invalid('The claim `sub` lies in the namespace of another issuer.')
  }
  const identity = identityOf({ jti, iat, user })
  return { kind: 'user', issuer: iss, user, device, topics, expiresAt, identity }
}

function identityOf({
  jti,
  iat,
  user,
}: {
  jti?: unknown
  iat?: unknown
  user: string | undefined
}): TokenIdentity {
  return {
    token: typeof jti === 'string' ? hashOfName('token', jti) : undefined,
    user: user === undefined ? undefined : hashOfName('user', user),
    issuedAt: typeof iat === 'number' ? iat * 1_000 : undefined,
  }
}

function requireGrant({ grants }: Issuer, grant: Grant): void {
  if (grants.has(grant)) return
  throw new PosthornError('insufficient_scope', `The issuer may not speak for a ${grant} here.`)
}

function isScope(word: string): word is Scope {
  return SCOPES.some((scope) => scope === word)
}

function invalid(detail: string): PosthornError {
  return new PosthornError('invalid_token', detail)
}
