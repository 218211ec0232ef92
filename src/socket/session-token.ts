import type { UserPrincipal } from '../auth/principal.js'
import { refuseRevoked, type Revocations, type TokenIdentity } from '../auth/revocations.js'
import type { Clock } from '../inbox/clock.js'
import { PosthornError } from '../protocol/errors.js'
import type { Downlink } from './downlink.js'
import { TokenLife } from './token-life.js'

export interface SessionTokenOptions {
  /** Whom the token speaks for that let the connection in. */
  principal: UserPrincipal
  device: string
  clock: Clock
  revocations: Pick<Revocations, 'has'>
  downlink: Downlink
  /** Verifies the token of a user. */
  authenticate: (token: string) => Promise<UserPrincipal>
  /** Ends the connection on an error; `id` is the command's that met it. */
  fail: (error: unknown, id?: string) => void
}

/** The token that a connection lives on: the one that let it in, then each fresh one that takes its place. */
export class SessionToken {
  readonly #options: SessionTokenOptions
  #life: TokenLife
  #topics: readonly string[]
  #identity: TokenIdentity
  /** Fresh tokens are numbered as they come: one whose look-up took long must not undo a later one. */
  #come = 0
  #taken = 0

  constructor(options: SessionTokenOptions) {
    const { principal, clock } = options
    this.#options = options
    this.#life = new TokenLife(principal.expiresAt, clock())
    this.#topics = principal.topics
    this.#identity = principal.identity
  }

  get expiresAt(): string {
    return this.#life.expiresAt.toISOString()
  }

  /** Patterns of the topics that it allows. */
  get topics(): readonly string[] {
    return this.#topics
  }

  /** Tells of the end a minute before, and ends the connection at it. */
  tick(): void {
    const { clock, downlink, fail } = this.#options
    switch (this.#life.tick(clock())) {
      case 'ended':
        return fail(new PosthornError('token_expired', 'The token has expired.'))
      case 'expiring':
        return downlink.send({ type: 'token_expiring', payload: { expiresAt: this.expiresAt } })
      case 'alive':
    }
  }

  /** Ends the connection where the token was revoked. */
  endIfRevoked(): void {
    try {
      refuseRevoked({ identity: this.#identity }, this.#options.revocations)
    } catch (error) {
      this.#options.fail(error)
    }
  }

  /** Takes a fresh token, which must speak for the same user, issuer and device. */
  async renew(token: string, id: string | undefined): Promise<void> {
    const { clock, device, downlink, principal: former, authenticate, fail } = this.#options
    this.#come += 1
    const number = this.#come
    try {
      const principal = await authenticate(token)
      const { user, issuer, device: itsDevice = device } = principal
      if (user !== former.user || issuer !== former.issuer || itsDevice !== device) {
        throw new PosthornError('principal_changed', 'Connect anew as someone else.')
      }
      if (number > this.#taken) {
        this.#taken = number
        this.#life = new TokenLife(principal.expiresAt, clock())
        this.#topics = principal.topics
        this.#identity = principal.identity
        // It may have been revoked since it was verified.
        this.endIfRevoked()
      }
      if (id !== undefined) this.reply(id)
    } catch (error) {
      // The connection has a token that is still good: the fresh one may come again when its key can be had.
      const mayComeAgain = error instanceof PosthornError && error.code === 'keys_unavailable'
      if (mayComeAgain) downlink.sendError(error, id)
      else fail(error, id)
    }
  }

  /** Answers an `authenticate` by the end that stands: another token may have come later and been looked up sooner. */
  reply(id: string): void {
    const payload = { tokenExpiresAt: this.expiresAt }
    this.#options.downlink.send({ type: 'reply', id, payload })
  }
}
