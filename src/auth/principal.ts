import { PosthornError } from '../protocol/errors.js'
import type { Target } from '../protocol/send.js'
import type { TokenIdentity } from './revocations.js'

/** What a service may be allowed; the words of a token's `scope` (RFC 8693 §4.2). */
export const SCOPES = [
  'posthorn:send',
  'posthorn:broadcast',
  'posthorn:read',
  'posthorn:topics',
  'posthorn:users',
  'posthorn:metrics',
] as const
export type Scope = (typeof SCOPES)[number]

/** What all have whom a verified token speaks for. */
interface Bearer {
  /** By what a revocation can name the token. */
  identity: TokenIdentity
}

/** A back-end service, named by (`iss`, `sub`). */
export interface ServicePrincipal extends Bearer {
  kind: 'service'
  /** An absent `iss` counts as empty. */
  issuer: string
  subject: string
  scopes: ReadonlySet<Scope>
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** A user, whose devices read one inbox. */
export interface UserPrincipal extends Bearer {
  kind: 'user'
  issuer: string
  user: string
  /** The one device that the token serves; any where undefined. */
  device: string | undefined
  /** Patterns of the topics that the user may subscribe to by itself. */
  topics: readonly string[]
  expiresAt: number
}

/** Whoever a verified token speaks for. */
export type Principal = ServicePrincipal | UserPrincipal

/** @throws PosthornError `insufficient_scope` where the caller is no service, or lacks the scope */
export function requireService(principal: Principal, scope: Scope): ServicePrincipal {
  if (principal.kind !== 'service') {
    throw new PosthornError('insufficient_scope', 'This needs the token of a service.')
  }
  if (!principal.scopes.has(scope)) {
    throw new PosthornError('insufficient_scope', `This needs the scope ${scope}.`)
  }
  return principal
}

/** @throws PosthornError `insufficient_scope` where a send is for everyone, and the service may not broadcast */
export function requireReach(service: ServicePrincipal, to: Target): void {
  if ('everyone' in to) requireService(service, 'posthorn:broadcast')
}

/** @throws PosthornError `insufficient_scope` where the caller is a service */
export function requireUser(principal: Principal): UserPrincipal {
  if (principal.kind !== 'user') {
    throw new PosthornError('insufficient_scope', 'This needs the token of a user.')
  }
  return principal
}
