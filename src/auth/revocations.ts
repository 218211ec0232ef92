import { createHash } from 'node:crypto'
import { PosthornError } from '../protocol/errors.js'

/** By what a revocation can name a token. */
export interface TokenIdentity {
  /** The hash of its `jti`, where it has one. */
  token: string | undefined
  /** The hash of the user's name, where it speaks for one. */
  user: string | undefined
  /** Milliseconds since 1970; undefined where it does not say. */
  issuedAt: number | undefined
}

/** A token, or all of a user's that were issued before a time; as the store keeps it. */
interface Revoked {
  kind: 'token' | 'user'
  /** A hash of `hashOfName`. */
  name: string
  time: number
}

/** The name of a token or a user as revocations keep it: it tells nobody's name, and is short whatever it stands for. */
export function hashOfName(kind: Revoked['kind'], name: string): string {
  return createHash('sha256').update(`${kind}\0${name}`).digest('base64url')
}

/** What was revoked, in memory: it is looked at for each request. */
export class Revocations {
  readonly #times: Readonly<Record<Revoked['kind'], Map<string, number>>> = {
    token: new Map(),
    user: new Map(),
  }

  /** Of two of one name the later time stands; false where that was known already. */
  add({ kind, name, time }: Revoked): boolean {
    const times = this.#times[kind]
    const known = times.get(name)
    if (known !== undefined && known >= time) return false
    times.set(name, time)
    return true
  }

  has({ token, user, issuedAt }: TokenIdentity): boolean {
    if (token !== undefined && this.#times.token.has(token)) return true
    const before = user === undefined ? undefined : this.#times.user.get(user)
    // A token that doesn't say when it was issued may be from before.
    return before !== undefined && (issuedAt === undefined || issuedAt < before)
  }

  /** Forgets tokens that had expired by then. */
  forget(before: number): void {
    for (const [name, time] of this.#times.token) {
      if (time < before) this.#times.token.delete(name)
    }
  }
}

/** @throws PosthornError `token_revoked` */
export function refuseRevoked(
  { identity }: { identity: TokenIdentity },
  revocations: Pick<Revocations, 'has'>,
): void {
  if (revocations.has(identity)) throw new PosthornError('token_revoked', 'The token was revoked.')
}
