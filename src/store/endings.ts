import type { RemovalReason } from '../protocol/down/removed.js'

/** How an entry ended whose row is gone. */
export type Outcome = RemovalReason | 'replaced' | 'removed'

/** How an entry ends that something ends at a time: what has expired by then, and is not swept yet, ended so. */
export function endOf<End extends Outcome>(
  { expiresAt }: { expiresAt: number | null },
  end: End,
  at: number,
): End | 'expired' {
  return expiresAt !== null && expiresAt <= at ? 'expired' : end
}
