import type { TokenIdentity } from '../src/auth/revocations.js'

/** Where no token is revoked. */
export const nothingRevoked = { has: (): boolean => false }

/** Who revokes nothing. */
export const nobodyRevokes = {
  revoke: (): Promise<void> => Promise.reject(new Error('nobody was to revoke anything')),
  forget: (): Promise<void> => Promise.resolve(),
}

/** Of a token that no revocation can name. */
export const noIdentity: TokenIdentity = { token: undefined, user: undefined, issuedAt: undefined }
