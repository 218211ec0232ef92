/** Tokens that are believed no more: kept for good, also where their user is erased. */
export interface RevocationStore {
  /** Keeps a revocation; of two of one name the later time stands. */
  revoke(revocation: Revocation): Promise<void>
  /** Those after a place, in the order in which they came. */
  revocations(query: RevocationsQuery): Promise<RevocationsPage>
  /** Forgets at most `limit` tokens whose time is over. */
  forgetRevocations(command: { before: number; limit: number }): Promise<{ more: boolean }>
}

/** One token, or all of a user's from before a time. */
export interface Revocation {
  kind: 'token' | 'user'
  /** A hash of what it names: see `src/auth/revocations.ts`. */
  name: string
  /** Of a token: when it has expired. Of a user: what was issued before is revoked. */
  time: number
}

export interface RevocationsQuery {
  /** `next` of the page before; the beginning where undefined. */
  after: number | undefined
  limit: number
}

export interface RevocationsPage {
  items: Revocation[]
  next: number | undefined
}
