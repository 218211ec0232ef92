import { SignJWT } from 'jose'
import { developmentSecret } from '../auth/development.js'
import { isOfAnother, type Grant, type IssuerSettings, type KeySource } from '../auth/issuers.js'
import type { Config } from '../config.js'
import { CommandError } from './command.js'

export interface Minted {
  /** Whom the token speaks for: a user, or a service with its scopes. */
  grant: Grant
  /** The service, or the user as others name it: with the prefix of its issuer, where that has one. */
  name: string
  /** Claims beside `sub`, `iat`, `exp`, `iss` and `aud`. */
  claims: Record<string, unknown>
  /** Life of the token. */
  ttlSeconds: number
}

/**
 * Signs a token with a secret of the service, as its issuer would.
 * @throws CommandError where no issuer whose secret is known here may speak for such a one
 */
export async function mint(
  config: Config,
  { grant, name, claims, ttlSeconds }: Minted,
): Promise<string> {
  const { issuer, secret } = signerFor(config, grant, name)
  const now = Math.floor(Date.now() / 1000)
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(grant === 'user' ? name.slice(issuer.userPrefix.length) : name)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
  if (issuer.name !== undefined) token.setIssuer(issuer.name)
  if (issuer.audiences[0] !== undefined) token.setAudience(issuer.audiences[0])
  return token.sign(Buffer.from(secret))
}

interface Signer {
  issuer: IssuerSettings
  secret: string
}

function signerFor({ issuers }: Config, grant: Grant, name: string): Signer {
  const signers = issuers.flatMap((issuer): Signer[] => {
    const secret = secretOf(issuer.keys)
    return secret === undefined ? [] : [{ issuer, secret }]
  })
  if (signers.length === 0) {
    const settings = issuers.map(({ setting }) => setting).join(', ')
    throw new CommandError(`${settings} verifies tokens; only whoever has the private key signs`)
  }
  const granted = signers.filter(({ issuer }) => issuer.grants.has(grant))
  if (granted.length === 0) throw new CommandError(`no token may speak for a ${grant} here`)
  const [first] = granted
  if (grant === 'service' && first) return first
  const signer = granted.find(
    ({ issuer }) =>
      name.startsWith(issuer.userPrefix) &&
      name !== issuer.userPrefix &&
      !isOfAnother(name, issuer, issuers),
  )
  if (!signer) {
    throw new CommandError('no issuer whose secret is known here may speak for this user')
  }
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

const UNIT_SECONDS = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
])

/**
 * A duration such as `90s`, `15m`, `1h` or `7d`, in seconds.
 * @throws CommandError where it is none
 */
export function parseDuration(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? []
  const unitSeconds = UNIT_SECONDS.get(unit)
  if (count === undefined || unitSeconds === undefined) {
    throw new CommandError('--ttl takes a number and a unit: 90s, 15m, 1h, 7d')
  }
  return Number(count) * unitSeconds
}
