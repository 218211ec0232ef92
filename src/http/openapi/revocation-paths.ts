import type { RevocationRequest } from '../../protocol/revocation.js'
import { problemAnswers } from './errors.js'
import { BEHIND_A_SERVICE, json, noContent, requestBody, serviceOnly } from './operations.js'
import { NOTHING_TO_REVOKE } from './particular-errors.js'
import type { Operation, PathItem } from './types.js'

const ONE_TOKEN = {
  jti: '5f2c7d1e-8a43-4b8f-9f0a-0d6f3a1c2b4e',
  exp: 1_795_341_600,
} satisfies RevocationRequest

const ALL_OF_A_USER = {
  user: 'u_42',
  issuedBefore: '2026-11-22T10:00:00.000Z',
} satisfies RevocationRequest

const revoke: Operation = {
  operationId: 'revokeTokens',
  tags: ['users'],
  summary: 'Revoke tokens',
  ...serviceOnly(
    'posthorn:users',
    'They are refused from then on, over restarts too, and sockets that live on them close 4403. `exp` is the token’s own: ' +
      'after it the revocation is forgotten, a day after it came at the soonest. Of a user all tokens go whose `iat` is before ' +
      '`issuedBefore` (at most a day ahead), and those without `iat`; that outlives the erasure of the user. Since `iat` counts ' +
      'whole seconds, a token that is issued within the same second is refused as well, where the time is not rounded down. Times are RFC 3339, or seconds since 1970 as in a token. Revoking the same again changes nothing; the ' +
      'later of two times stands.',
  ),
  requestBody: requestBody(
    'One token, or all of a user from before a time.',
    json('RevocationRequest', {
      oneToken: { summary: 'One token, until it has expired', value: ONE_TOKEN },
      allOfAUser: { summary: 'All of a user so far', value: ALL_OF_A_USER },
    }),
  ),
  responses: {
    204: noContent('They are revoked, on disk.'),
    ...problemAnswers(
      ...BEHIND_A_SERVICE,
      'invalid_query',
      'malformed_body',
      'payload_too_large',
      NOTHING_TO_REVOKE,
    ),
  },
}

/** Tokens that are to be believed no more. */
export const REVOCATION_PATHS: Record<string, PathItem> = { '/v1/revocations': { post: revoke } }
