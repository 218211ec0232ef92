import { tokenFor } from '../harness.js'

/** Tokens outlive every jump of the clock. */
const LONG = { ttlSeconds: 100 * 365 * 86_400 }

const SCOPES = ['send', 'broadcast', 'read', 'users', 'topics'].map((name) => `posthorn:${name}`)

/** Of the service that sends all that is sent. */
export const SERVICE_TOKEN = await tokenFor('shop', { scope: SCOPES.join(' ') }, LONG)

/** Of one that may do the same, and has sent nothing. */
export const OTHER_SERVICE_TOKEN = await tokenFor('another', { scope: SCOPES.join(' ') }, LONG)

export function userToken(user: string): Promise<string> {
  return tokenFor(user, {}, LONG)
}
