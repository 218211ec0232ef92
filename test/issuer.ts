import { GRANTS, type Issuer } from '../src/auth/issuers.js'
import type { Keys } from '../src/auth/keys.js'

/** An issuer of any name, for any audience, that may speak for anyone, unless a test says otherwise. */
export function issuer(keys: Keys, said: Partial<Issuer> = {}): Issuer {
  return { name: undefined, audiences: [], keys, grants: new Set(GRANTS), userPrefix: '', ...said }
}
