import { SignJWT, type JWTPayload } from 'jose'

/** Outlives every benchmark. */
const TTL_SECONDS = 3_600

/** The token of a service that may send. */
export function senderToken(secret: string): Promise<string> {
  return sign(secret, 'bench', { scope: 'posthorn:send' })
}

/** The token of a service that sends, looks after what it has sent, and subscribes. */
export function serviceToken(secret: string): Promise<string> {
  return sign(secret, 'bench', { scope: 'posthorn:send posthorn:read posthorn:topics' })
}

export function userToken(secret: string, user: string): Promise<string> {
  return sign(secret, user, {})
}

function sign(secret: string, subject: string, claims: JWTPayload): Promise<string> {
  return new SignJWT({ ...claims, exp: Math.floor(Date.now() / 1000) + TTL_SECONDS, sub: subject })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(Buffer.from(secret))
}
