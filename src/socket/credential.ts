import type { UserPrincipal } from '../auth/principal.js'
import type { PosthornError } from '../protocol/errors.js'

/** Who is at the other end of a connection, as far as the handshake told. */
export type Credential =
  | { kind: 'principal'; principal: UserPrincipal }
  /** From the subprotocol: not yet looked at, since a browser can't see why a handshake fails. */
  | { kind: 'token'; token: string }
  | { kind: 'none' }
  /** What came with the handshake is refused, which a page hears only now. */
  | { kind: 'refused'; error: PosthornError }
