import {
  decodeJwt,
  errors,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
} from 'jose'
import { LRUCache } from 'lru-cache'
import { PosthornError } from '../protocol/errors.js'
import { toPrincipal } from './claims.js'
import type { FailedAttempts } from './failed-attempts.js'
import { issuerOf, type Issuer } from './issuers.js'
import type { Keys } from './keys.js'
import type { Principal } from './principal.js'
import { refuseRevoked, type Revocations } from './revocations.js'

/** How far an issuer's clock may be off, in seconds. */
export const CLOCK_TOLERANCE_SECONDS = 30

/** A verified token is believed again without its signature for at most this long: 5 minutes. */
const CACHE_TTL_MS = 5 * 60 * 1000

/** Tokens that are remembered together hold at most 16 MiB. */
const CACHE_BYTES = 16 * 1024 * 1024

/** Longer tokens are refused unread. */
const MAX_TOKEN_LENGTH = 8 * 1024

export interface VerifierOptions {
  /** At least one; where there are several, each has a name of its own. */
  issuers: readonly Issuer[]
  clock: () => number
  /** Looked at for each token, also where it was verified before. */
  revocations: Pick<Revocations, 'has'>
  /** Counts what is refused, by address; nobody does where undefined. */
  attempts?: Pick<FailedAttempts, 'admit' | 'count'> | undefined
}

/** For whose address a token that is refused counts; for nobody's where that is undefined. Asked for only where it matters. */
type AddressOf = () => string | undefined

/** Tells whom a token speaks for. */
export type Verify = (token: string, addressOf?: AddressOf) => Promise<Principal>

/**
 * Makes a verifier. `jwtVerify` on every request would cost two thirds of the throughput, so a verified token is
 * remembered by its text until it expires.
 *
 * The verifier throws PosthornError `invalid_token`, `token_expired`, `token_revoked`, `insufficient_scope` where the token's issuer may
 * not speak for such a caller, `keys_unavailable`, or `rate_limited` where too many tokens from the same address were refused: a token
 * that is remembered passes then too, so that one caller does not shut out its neighbours.
 */
export function createVerifier(options: VerifierOptions): Verify {
  const { issuers, clock, revocations, attempts } = options
  const known = new LRUCache<string, Remembered>({
    maxSize: CACHE_BYTES,
    // Two bytes a character at most, and what a principal and its place in the cache cost.
    sizeCalculation: (_remembered, token) => 2 * token.length + 512,
    ttl: CACHE_TTL_MS,
  })

  const verifyAnew = async (token: string): Promise<Principal> => {
    if (token.length > MAX_TOKEN_LENGTH) throw invalid('The token is too long.')
    const issuer = issuerOf(token, issuers)
    if (!issuer) throw invalid('The token is malformed, or its issuer is not trusted here.')
    const { keys } = issuer
    // From before the look-up: keys that change meanwhile must not vouch for what the former ones verified.
    const { generation } = keys
    const payload = await verify(token, issuer, clock())
    const principal = toPrincipal(payload, issuer, issuers)
    known.set(token, { principal, keys, generation })
    return principal
  }

  const verifyFrom = async (token: string, address: string | undefined): Promise<Principal> => {
    if (!attempts || address === undefined) return verifyAnew(token)
    await attempts.admit(address)
    try {
      return await verifyAnew(token)
    } catch (error) {
      await attempts.count(address, error)
      throw error
    }
  }

  return async (token, addressOf) => {
    const remembered = known.get(token)
    const principal =
      remembered && isGood(remembered, clock())
        ? remembered.principal
        : await verifyFrom(token, addressOf?.())
    refuseRevoked(principal, revocations)
    return principal
  }
}

/** A verified token, and the keys as they were then. */
interface Remembered {
  principal: Principal
  keys: Keys
  generation: number | undefined
}

function isGood({ principal, keys, generation }: Remembered, now: number): boolean {
  return principal.expiresAt > now && keys.generation === generation
}

async function verify(
  token: string,
  { name, audiences, keys }: Issuer,
  now: number,
): Promise<JWTPayload> {
  try {
    return await verifySignature(token, keys.key, {
      algorithms: [...keys.algorithms],
      // jose takes a token without `exp` unless told not to: https://github.com/panva/jose, `requiredClaims`.
      requiredClaims: ['sub', 'exp'],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(now),
      ...(name !== undefined && { issuer: name }),
      ...(audiences.length > 0 && { audience: [...audiences] }),
    })
  } catch (error) {
    if (error instanceof PosthornError) throw hopeless(token, now) ?? error
    if (error instanceof errors.JWSSignatureVerificationFailed) keys.missed?.()
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

/** What no key could mend of a token that can't be verified now: there is no use in coming again with it. */
function hopeless(token: string, now: number): PosthornError | undefined {
  const exp = expOf(token)
  if (typeof exp !== 'number') return invalid("The token's claim `exp` is missing or not accepted.")
  if (exp + CLOCK_TOLERANCE_SECONDS > Math.floor(now / 1000)) return undefined
  return new PosthornError('token_expired', 'The token has expired.')
}

function expOf(token: string): unknown {
  try {
    return decodeJwt(token).exp
  } catch {
    return undefined
  }
}

async function verifySignature(
  token: string,
  key: Keys['key'],
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  if (typeof key !== 'function') return payloadOf(await jwtVerify(token, key, options))
  try {
    return payloadOf(await jwtVerify(token, key, options))
  } catch (error) {
    // Several keys are of the kind that the token was signed with, and it names none of them.
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    return verifyByAny(token, error, options)
  }
}

async function verifyByAny(
  token: string,
  candidates: errors.JWKSMultipleMatchingKeys,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  for await (const key of candidates) {
    try {
      return payloadOf(await jwtVerify(token, key, options))
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new errors.JWSSignatureVerificationFailed()
}

/** No extension of JWS is understood here (RFC 7515 §4.1.11), those that jose knows included. */
function payloadOf({ payload, protectedHeader }: JWTVerifyResult): JWTPayload {
  if (protectedHeader.crit === undefined) return payload
  throw new errors.JOSENotSupported('the token makes an extension critical')
}

function invalid(detail: string, cause?: unknown): PosthornError {
  return new PosthornError('invalid_token', detail, { cause })
}
