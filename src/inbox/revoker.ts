import type { LiveConnections } from './live.js'
import type { Store } from './store.js'
import type { NewsStore } from './stores/cluster.js'
import type { Revocation } from './stores/revocations.js'

/** Revocations that one read loads. */
const LOADED_AT_ONCE = 1_000

/** Rows that one write removes. */
const STEP = 100

export interface RevokerOptions {
  store: Pick<Store, 'revoke' | 'revocations' | 'forgetRevocations'>
  /** What each token is held against. */
  revoked: { add: (revocation: Revocation) => boolean; forget: (before: number) => void }
  live: Pick<LiveConnections, 'endRevoked'>
  /** What other nodes revoke, and the connections of this one; undefined where there are no others. */
  others?: { store: NewsStore; local: Pick<LiveConnections, 'endRevoked'> } | undefined
}

/** Takes tokens back: on disk, in memory, and from the connections that live on them. */
export class Revoker {
  readonly #options: RevokerOptions
  /** The place up to which it knows what was revoked. */
  #known = 0

  constructor(options: RevokerOptions) {
    this.#options = options
  }

  /** Reads what was revoked before; until then no token may be believed. */
  async load(): Promise<void> {
    const { store, revoked, others } = this.#options
    // Before the rest is read: what comes meanwhile is read twice rather than not at all.
    if (others) this.#known = await others.store.lastRevoked()
    let after: number | undefined
    do {
      const page = await store.revocations({ after, limit: LOADED_AT_ONCE })
      for (const revocation of page.items) revoked.add(revocation)
      after = page.next
    } while (after !== undefined)
  }

  /**
   * Resolves when it is on disk, and nobody is connected by such a token. `user` is whose tokens alone it can name, where that is
   * known: among very many connections theirs are found at once.
   */
  async revoke(revocation: Revocation, user: string | undefined): Promise<void> {
    const { store, revoked, live } = this.#options
    await store.revoke(revocation)
    revoked.add(revocation)
    await live.endRevoked(user)
  }

  /** Takes up what other nodes have revoked meanwhile, and ends the connections of this one that live on it. */
  async poll(): Promise<void> {
    const { revoked, others } = this.#options
    if (!others) return
    let isNews = false
    for (let more = true; more;) {
      const query = { after: this.#known, limit: LOADED_AT_ONCE }
      const { items, last } = await others.store.revokedAfter(query)
      for (const revocation of items) if (revoked.add(revocation)) isNews = true
      this.#known = last
      more = items.length === LOADED_AT_ONCE
    }
    if (isNews) await others.local.endRevoked(undefined)
  }

  /** Forgets tokens that had expired before. */
  async forget(before: number, isStopped: () => boolean): Promise<void> {
    const { store, revoked } = this.#options
    revoked.forget(before)
    for (let more = true; more && !isStopped();) {
      ;({ more } = await store.forgetRevocations({ before, limit: STEP }))
    }
  }
}
