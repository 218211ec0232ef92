import type { Scope } from '../../auth/principal.js'
import type { ComponentName } from './components.js'
import type { DocumentedCode, DocumentedError } from './errors.js'
import { headers } from './headers.js'
import { USERS_ONLY } from './particular-errors.js'
import { reference } from './schemas.js'
import type { Answer, Example, MediaType, Operation } from './types.js'

/** Errors that any path may answer. */
export const ANYWHERE = ['host_not_allowed', 'internal'] as const satisfies DocumentedCode[]

const BEHIND_ANY_TOKEN = [
  ...ANYWHERE,
  'missing_token',
  'invalid_token',
  'token_expired',
  'token_revoked',
  'rate_limited',
  'shutting_down',
  'store_unavailable',
  'storage_full',
  'overloaded',
  'keys_unavailable',
] as const satisfies DocumentedCode[]

/** Errors of every operation that needs the token of a service and asks the store. */
export const BEHIND_A_SERVICE: readonly DocumentedError[] = [
  ...BEHIND_ANY_TOKEN,
  'insufficient_scope',
]

/** Errors of every operation that needs the token of a user and asks the store. */
export const BEHIND_A_USER: readonly DocumentedError[] = [...BEHIND_ANY_TOKEN, USERS_ONLY]

/** For services with this scope; their tools may read it, people read the description. */
export function serviceOnly(
  scope: Scope,
  description: string,
): Pick<Operation, 'security' | 'description'> {
  return {
    security: [{ bearerAuth: [scope] }],
    description: `Needs the token of a service, with the scope \`${scope}\`. ${description}`,
  }
}

/** For users, each with their own inbox. */
export function userOnly(description: string): Pick<Operation, 'security' | 'description'> {
  return {
    security: [{ bearerAuth: [] }],
    description: `Needs the token of a user. ${description}`,
  }
}

/** JSON of one of the document's schemas. */
export function json(
  name: ComponentName,
  examples: Record<string, Example>,
): Record<string, MediaType> {
  return { 'application/json': { schema: reference(name), examples } }
}

/** The body of a request. */
export function requestBody(
  description: string,
  content: Record<string, MediaType>,
): { required: true; description: string; content: Record<string, MediaType> } {
  return { required: true, description, content }
}

/** The answers of what is asked again and again: whole, or that it is as it was. */
export function taggedAnswers(
  description: string,
  content: Record<string, MediaType>,
): Record<string, Answer> {
  return {
    200: success(description, content, 'ETag', 'Cache-Control'),
    304: {
      description: 'It is as the caller has it.',
      headers: headers('X-Request-Id', 'ETag', 'Cache-Control'),
    },
  }
}

/** An answer when all went well. */
export function success(
  description: string,
  content: Record<string, MediaType>,
  ...more: Parameters<typeof headers>
): Answer {
  return { description, headers: headers('X-Request-Id', ...more), content }
}

/** An answer that says all by its status. */
export function noContent(description: string): Answer {
  return { description, headers: headers('X-Request-Id') }
}
