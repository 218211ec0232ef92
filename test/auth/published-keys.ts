import { EventEmitter, once } from 'node:events'
import { RemoteKeys, type KeyReport, type KeyTimes } from '../../src/auth/remote-keys.js'
import { createVerifier, type Verify } from '../../src/auth/verify.js'
import { PosthornError } from '../../src/protocol/errors.js'
import { issuer } from '../issuer.js'
import { IdentityProvider } from './identity-provider.js'
import { nothingRevoked } from '../nothing-revoked.js'

export const TIMES = {
  cooldownMs: 10_000,
  refreshMs: 600_000,
  maxAgeMs: 3_600_000,
  timeoutMs: 5_000,
}

/** Published keys, the provider that publishes them, and a stopwatch that only the test moves. */
export class PublishedKeys {
  readonly provider: IdentityProvider
  /** What became of each fetch. */
  readonly reports: KeyReport[] = []
  readonly keys: RemoteKeys
  readonly verify: Verify
  readonly #reported = new EventEmitter()
  #now = 1_000
  #tokens = 0

  private constructor(provider: IdentityProvider, times: Partial<KeyTimes>) {
    this.provider = provider
    this.keys = new RemoteKeys({
      url: provider.url,
      stopwatch: () => this.#now,
      report: (event) => {
        this.reports.push(event)
        this.#reported.emit('report')
      },
      times,
    })
    // A clock that is not the stopwatch's: tokens don't age while the test moves the keys' time.
    this.verify = createVerifier({
      issuers: [issuer(this.keys)],
      clock: Date.now,
      revocations: nothingRevoked,
    })
  }

  /** The provider publishes one key, `first`; it has not been asked yet. */
  static async publish(times: Partial<KeyTimes> = TIMES): Promise<PublishedKeys> {
    const provider = await IdentityProvider.start()
    provider.publish('first')
    return new PublishedKeys(provider, times)
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds
  }

  /** A token like no other, so that none is believed by memory. */
  token(kid: string, claims: Record<string, unknown> = {}): Promise<string> {
    this.#tokens += 1
    return this.provider.sign(kid, { jti: String(this.#tokens), ...claims })
  }

  /** What becomes of a token: the user whom it speaks for, or the code with which it is refused. */
  async outcome(token: string | Promise<string>, verify = this.verify): Promise<string> {
    try {
      const principal = await verify(await token)
      return principal.kind === 'user' ? principal.user : 'a service'
    } catch (error) {
      if (error instanceof PosthornError) return error.code
      throw error
    }
  }

  /** Resolves when so many fetches have ended, also those that nobody waited for. */
  async ended(fetches: number): Promise<void> {
    while (this.reports.length < fetches) await once(this.#reported, 'report')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.keys.close()
    await this.provider[Symbol.asyncDispose]()
  }
}
