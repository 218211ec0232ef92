import type { LiveConnections } from './live.js'
import type { Store } from './store.js'

/** Rows that one write removes. */
export const ERASED_PER_STEP = 250

/**
 * Erases a user with all that is theirs; resolves when nothing is left. A crash in between leaves the rest to the caretaker.
 * Whoever comes by that name later begins another life, at another epoch.
 */
export async function eraseUser(
  { store, live }: { store: Pick<Store, 'erase' | 'purge'>; live: Pick<LiveConnections, 'end'> },
  user: string,
): Promise<void> {
  let begun = await store.erase({ user, limit: ERASED_PER_STEP })
  while (begun.kind === 'more') begun = await store.erase({ user, limit: ERASED_PER_STEP })
  // Who is not known may be one whose rows are still being taken away: they have no name any more, so all such are.
  let which: { erasure?: number } = {}
  if (begun.kind === 'erased') {
    const { epoch, erasure } = begun
    await live.end(
      { user, epoch },
      { kind: 'error', code: 'user_erased', detail: 'The user was erased, with this connection.' },
    )
    which = { erasure }
  }
  for (let more = true; more;) {
    ;({ more } = await store.purge({ ...which, limit: ERASED_PER_STEP }))
  }
}
