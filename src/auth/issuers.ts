import { decodeJwt } from 'jose'
import type { Keys } from './keys.js'

/** For whom tokens of an issuer may speak. */
export const GRANTS = ['user', 'service'] as const
export type Grant = (typeof GRANTS)[number]

/** Whoever signs tokens that are believed here. */
export interface Issuer {
  /** The `iss` of its tokens; any, or none, where undefined. */
  name: string | undefined
  /** Its tokens have one of these as `aud`; any where there are none. */
  audiences: readonly string[]
  keys: Keys
  grants: ReadonlySet<Grant>
  /** Stands before the `sub` of its users; '' where they share the namespace of all. */
  userPrefix: string
}

/** Where the keys of an issuer come from. */
export type KeySource =
  | { kind: 'secret'; secret: string }
  | { kind: 'public-key'; file: string }
  | { kind: 'jwks'; url: string }
  /** A secret of the service's own, made where there is none. */
  | { kind: 'development'; file: string }

/** An issuer as the operator names it, its keys not yet read. */
export interface IssuerSettings extends Omit<Issuer, 'keys'> {
  keys: KeySource
  /** The setting that names the keys, for complaints about them. */
  setting: string
}

/**
 * The issuer whose keys a token is to be verified with, by an `iss` that is not verified yet: where it lies, the
 * signature does not fit.
 */
export function issuerOf(token: string, issuers: readonly Issuer[]): Issuer | undefined {
  const [only] = issuers
  if (issuers.length === 1 && only?.name === undefined) return only
  const name = claimedIssuer(token)
  return issuers.find((issuer) => issuer.name === name)
}

function claimedIssuer(token: string): string | undefined {
  try {
    return decodeJwt(token).iss
  } catch {
    return undefined
  }
}

/** Whether a user's name lies in the namespace of another issuer, whose prefix it bears. */
export function isOfAnother(
  user: string,
  issuer: Pick<Issuer, 'userPrefix'>,
  issuers: readonly Pick<Issuer, 'userPrefix'>[],
): boolean {
  return issuers.some(
    ({ userPrefix }) =>
      userPrefix !== '' && userPrefix !== issuer.userPrefix && user.startsWith(userPrefix),
  )
}
