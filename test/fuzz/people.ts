import * as fc from 'fast-check'
import { serviceToken, tokenFor } from '../harness.js'

/** How many users have devices that listen while the rest goes on. */
const LISTENERS = 50

/** Those whom the inputs speak of, and their tokens. */
export interface People {
  service: string
  /** Users whose devices connect. */
  listeners: readonly { user: string; token: string }[]
  /** A token that was good once. */
  expired: string
}

/** The people of one round. Its listeners are its own: a log that grew from round to round would cost more in each. */
export async function makePeople(round: number): Promise<People> {
  const users = Array.from({ length: LISTENERS }, (_, index) => `listener-${round}-${index}`)
  return {
    service: await serviceToken('posthorn:send posthorn:broadcast posthorn:read'),
    listeners: await Promise.all(
      // Each second one may subscribe by itself.
      users.map(async (user, index) => ({
        user,
        token: await tokenFor(user, index % 2 === 0 ? {} : { topics: ['news.*'] }),
      })),
    ),
    expired: await tokenFor(`listener-${round}-0`, {}, { ttlSeconds: -3_600 }),
  }
}

export function listenerOf({ listeners }: People, index: number): { user: string; token: string } {
  const listener = listeners[index % listeners.length]
  if (!listener) throw new Error('there are no listeners')
  return listener
}

/** Text in the form of a JWT (RFC 7519 §3), its parts random. */
const jwtShaped = fc
  .tuple(
    fc.constantFrom('none', 'HS256', 'RS256', 'EdDSA', 'nonsense', '__proto__'),
    fc.dictionary(
      fc.constantFrom('sub', 'exp', 'iss', 'aud', 'scope', 'device', 'crit'),
      fc.jsonValue({ maxDepth: 1 }),
    ),
    fc.uint8Array({ maxLength: 40 }),
  )
  .map(([alg, claims, signature]) =>
    [JSON.stringify({ alg, typ: 'JWT' }), JSON.stringify(claims), signature]
      .map((part) => Buffer.from(part).toString('base64url'))
      .join('.'),
  )

/** What may stand where a token is asked for. */
export function tokens(people: People): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...people.listeners.map(({ token }) => token)) },
    { weight: 1, arbitrary: fc.constantFrom(people.service, people.expired, '', 'a.b.c', '..') },
    { weight: 3, arbitrary: jwtShaped },
    { weight: 2, arbitrary: fc.string({ maxLength: 60 }) },
    { weight: 1, arbitrary: fc.constantFrom('x'.repeat(8_192), 'x'.repeat(9_000)) },
  )
}
