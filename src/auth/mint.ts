import { SignJWT } from 'jose'
import { developmentSecret } from './development.js'
import { isOfAnother, type Grant, type IssuerSettings, type KeySource } from './issuers.js'

/** What a token is to say. */
export interface Mintable {
  /** Whom the token speaks for: a user, or a service with its scopes. */
  grant: Grant
  /** The service, or the user as others name it: with the prefix of its issuer, where that has one. */
  name: string
  /** Claims beside `sub`, `iat`, `exp`, `iss` and `aud`. */
  claims: Record<string, unknown>
  /** Life of the token. */
  ttlSeconds: number
}

export interface Minted {
  token: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Signs tokens with the secret of a service. */
export type MintToken = (mintable: Mintable) => Promise<Minted>

/** No issuer whose secret is known here may speak for such a one; the message says why. */
export class MintError extends Error {
  override readonly name = 'MintError'
}

/**
 * Signs a token with a secret of the service, as its issuer would; `at` in milliseconds since 1970.
 * @throws MintError where no issuer whose secret is known here may speak for such a one
 */
export async function mint(
  issuers: readonly IssuerSettings[],
  { grant, name, claims, ttlSeconds }: Mintable,
  at: number,
): Promise<Minted> {
  const { issuer, secret } = signerFor(issuers, grant, name)
  const issuedAt = Math.floor(at / 1000)
  const expiresAt = issuedAt + ttlSeconds
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(grant === 'user' ? name.slice(issuer.userPrefix.length) : name)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
  if (issuer.name !== undefined) token.setIssuer(issuer.name)
  if (issuer.audiences[0] !== undefined) token.setAudience(issuer.audiences[0])
  return { token: await token.sign(Buffer.from(secret)), expiresAt: expiresAt * 1000 }
}

interface Signer {
  issuer: IssuerSettings
  secret: string
}

function signerFor(issuers: readonly IssuerSettings[], grant: Grant, name: string): Signer {
  const signers = issuers.flatMap((issuer): Signer[] => {
    const secret = secretOf(issuer.keys)
    return secret === undefined ? [] : [{ issuer, secret }]
  })
  if (signers.length === 0) {
    const settings = issuers.map(({ setting }) => setting).join(', ')
    throw new MintError(`${settings} verifies tokens; only whoever has the private key signs`)
  }
  const granted = signers.filter(({ issuer }) => issuer.grants.has(grant))
  if (granted.length === 0) throw new MintError(`no token may speak for a ${grant} here`)
  const [first] = granted
  if (grant === 'service' && first) return first
  const signer = granted.find(
    ({ issuer }) =>
      name.startsWith(issuer.userPrefix) &&
      name !== issuer.userPrefix &&
      !isOfAnother(name, issuer, issuers),
  )
  if (!signer) throw new MintError('no issuer whose secret is known here may speak for this user')
  return signer
}

function secretOf(keys: KeySource): string | undefined {
  switch (keys.kind) {
    case 'secret':
      return keys.secret
    case 'development':
      return developmentSecret(keys.file)
    case 'public-key':
    case 'jwks':
      return undefined
  }
}
