import { SignJWT, type JWTPayload } from 'jose'

/** Outlives every benchmark. */
const TTL_SECONDS = 6 * 3_600

/** The token of a service that may send. */
export function senderToken(secret: string): Promise<string> {
  return sign(secret, 'bench', { scope: 'posthorn:send' })
}

/** The token of a service that sends, looks after what it has sent, and subscribes. */
export function serviceToken(secret: string): Promise<string> {
  return sign(secret, 'bench', { scope: 'posthorn:send posthorn:read posthorn:topics' })
}

/** The token of whoever reads the metrics. */
export function metricsToken(secret: string): Promise<string> {
  return sign(secret, 'bench', { scope: 'posthorn:metrics' })
}

export function userToken(secret: string, user: string, ttlSeconds?: number): Promise<string> {
  return sign(secret, user, {}, ttlSeconds)
}

/** The token of a user who may subscribe to any topic. */
export function hostileToken(secret: string, user: string): Promise<string> {
  return sign(secret, user, { topics: ['*'] })
}

function sign(
  secret: string,
  subject: string,
  claims: JWTPayload,
  ttlSeconds = TTL_SECONDS,
): Promise<string> {
  return new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) + ttlSeconds, sub: subject })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret))
}
