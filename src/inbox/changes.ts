import { PosthornError } from '../protocol/errors.js'
import type { GapMessage } from '../protocol/down/gap.js'
import type { Clock } from './clock.js'
import type { ChangesPage, ChangesReader, Store } from './store.js'

/** A page of changes holds at most this much content; the same bound as for one array of frames on the socket. */
const MAX_PAGE_BYTES = 256 * 1024

/**
 * The replay of the socket, for readers over HTTP.
 * @throws PosthornError `epoch_mismatch` where `after` is of another log, or ahead of it
 */
export async function changes(
  { store, clock }: { store: Pick<Store, 'changes'>; clock: Clock },
  query: {
    user: string
    reader?: ChangesReader | undefined
    after: number
    epoch: string
    limit: number
  },
): Promise<ChangesPage> {
  const { user, reader, after, limit } = query
  const page = await store.changes({
    user,
    at: clock(),
    reader,
    after,
    limit,
    maxBytes: MAX_PAGE_BYTES,
  })
  if (page.epoch !== query.epoch || after > page.latest) {
    throw new PosthornError(
      'epoch_mismatch',
      'The position is of another log: list the inbox again.',
    )
  }
  return page
}

/** What a reader at a position is told where retention has removed what comes next; undefined where nothing is missing. */
export function gapBefore(
  { horizon }: Pick<ChangesPage, 'horizon'>,
  position: number,
): GapMessage | undefined {
  if (position >= horizon) return undefined
  return { type: 'gap', payload: { from: position, to: horizon, reason: 'retention' } }
}
