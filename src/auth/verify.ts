import { errors, jwtVerify, type JWTPayload, type JWTVerifyOptions } from 'jose'
import { LRUCache } from 'lru-cache'
import * as z from 'zod/mini'
import { PosthornError } from '../protocol/errors.js'
import { DeviceId, UserId } from '../protocol/identifiers.js'
import type { Keys } from './keys.js'
import { SCOPES, type Principal, type Scope } from './principal.js'

/** How far an issuer's clock may be off, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30

/** A verified token is believed again without its signature for at most this long: 5 minutes. */
const CACHE_TTL_MS = 5 * 60 * 1000

/** Tokens that are remembered together hold at most 16 MiB. */
const CACHE_BYTES = 16 * 1024 * 1024

/** Longer tokens are refused unread. */
const MAX_TOKEN_LENGTH = 8 * 1024

export interface VerifierOptions {
  keys: Keys
  /** `iss` that tokens must have; any where undefined. */
  issuer: string | undefined
  /** `aud` that tokens must have; any where undefined. */
  audience: string | undefined
  clock: () => number
}

/** Tells whom a token speaks for. */
export type Verify = (token: string) => Promise<Principal>

/** The end of the year 9999, in seconds since 1970: RFC 3339 knows no later time, and `tokenExpiresAt` tells it. */
const MAX_EXP = 253_402_300_799

const Claims = z.object({
  sub: z.string(),
  exp: z.number().check(z.maximum(MAX_EXP)),
  iss: z.optional(z.string()),
  // Some issuers write a list: whatever is no string is no scope of ours.
  scope: z.optional(z.unknown()),
  device: z.optional(DeviceId),
})

/**
 * Makes a verifier. `jwtVerify` on every request would cost two thirds of the throughput, so a verified token is
 * remembered by its text until it expires.
 *
 * The verifier throws PosthornError `invalid_token` or `token_expired`.
 */
export function createVerifier({ keys, issuer, audience, clock }: VerifierOptions): Verify {
  const known = new LRUCache<string, Principal>({
    maxSize: CACHE_BYTES,
    // Two bytes a character at most, and what a principal and its place in the cache cost.
    sizeCalculation: (_principal, token) => 2 * token.length + 512,
    ttl: CACHE_TTL_MS,
  })
  const options: JWTVerifyOptions = {
    algorithms: [...keys.algorithms],
    // jose takes a token without `exp` unless told not to: https://github.com/panva/jose, `requiredClaims`.
    requiredClaims: ['sub', 'exp'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
  }

  return async (token) => {
    const remembered = known.get(token)
    if (remembered && remembered.expiresAt > clock()) return remembered
    if (token.length > MAX_TOKEN_LENGTH) throw invalid('The token is too long.')
    const payload = await verifySignature(token, keys, {
      ...options,
      currentDate: new Date(clock()),
    })
    const principal = toPrincipal(payload)
    known.set(token, principal)
    return principal
  }
}

async function verifySignature(
  token: string,
  { key }: Keys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    const { payload } =
      typeof key === 'function'
        ? await jwtVerify(token, key, options)
        : await jwtVerify(token, key, options)
    return payload
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw new PosthornError('token_expired', 'The token has expired.', { cause: error })
    }
    if (error instanceof errors.JWTClaimValidationFailed) {
      throw invalid(`The token's claim \`${error.claim}\` is missing or not accepted.`, error)
    }
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      throw invalid('The token is malformed, or not signed by a key that is trusted here.', error)
    }
    throw error
  }
}

/** A token with a scope of ours speaks for a service, any other for a user. */
function toPrincipal(payload: JWTPayload): Principal {
  const claims = Claims.safeParse(payload)
  if (!claims.success) throw invalid('The claims of the token are not of the expected form.')
  const { sub, exp, iss: issuer = '', scope, device } = claims.data
  const expiresAt = exp * 1000
  const scopes = new Set(typeof scope === 'string' ? scope.split(' ').filter(isScope) : [])
  if (scopes.size > 0) {
    if (sub === '') throw invalid('The claim `sub` is empty.')
    return { kind: 'service', issuer, subject: sub, scopes, expiresAt }
  }
  if (!UserId.safeParse(sub).success) {
    throw invalid('The claim `sub` is no user: 1–255 characters, none of them a control character.')
  }
  return { kind: 'user', issuer, user: sub, device, expiresAt }
}

function isScope(word: string): word is Scope {
  return SCOPES.some((scope) => scope === word)
}

function invalid(detail: string, cause?: unknown): PosthornError {
  return new PosthornError('invalid_token', detail, { cause })
}
