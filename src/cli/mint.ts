import { SignJWT } from 'jose'
import { developmentSecret } from '../auth/development.js'
import type { Config } from '../config.js'
import { CommandError } from './command.js'

export interface Minted {
  subject: string
  /** Claims beside `sub`, `iat`, `exp`, `iss` and `aud`. */
  claims: Record<string, unknown>
  /** Life of the token. */
  ttlSeconds: number
}

/**
 * Signs a token with the service's own secret, as its issuer would.
 * @throws CommandError where the service only has a public key: then only its owner can sign
 */
export async function mint(
  config: Config,
  { subject, claims, ttlSeconds }: Minted,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const token = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(subject)
    .setIssuedAt(now)
    .setExpirationTime(now + ttlSeconds)
  if (config.jwtIssuer !== undefined) token.setIssuer(config.jwtIssuer)
  if (config.jwtAudience !== undefined) token.setAudience(config.jwtAudience)
  return token.sign(Buffer.from(signingSecret(config)))
}

function signingSecret({ keys }: Config): string {
  switch (keys.kind) {
    case 'secret':
      return keys.secret
    case 'development':
      return developmentSecret(keys.file)
    case 'public-key':
      throw new CommandError(
        'JWT_PUBLIC_KEY verifies tokens; only whoever has the private key signs',
      )
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
