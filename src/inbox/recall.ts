import { PosthornError } from '../protocol/errors.js'
import type { RecallReceipt } from '../protocol/send.js'
import type { Caretaker } from './caretaker.js'
import type { Clock } from './clock.js'
import { removalMoves } from './moves.js'
import type { ServiceName, Store } from './store.js'
import type { Wake } from './wake.js'

/** Inboxes out of which a recall is taken at once; of more it is taken chunk by chunk. */
const AT_ONCE = 500

/**
 * Takes a notification back, as the service that sent it; `pending` where it is still being taken out of inboxes.
 * @throws PosthornError `not_found` where this service has sent no such notification
 */
export async function recall(
  context: {
    store: Pick<Store, 'recall'>
    wake: Wake
    clock: Clock
    caretaker: Pick<Caretaker, 'hurry'>
  },
  { id, sender }: { id: string; sender: ServiceName },
): Promise<{ receipt: RecallReceipt; pending: boolean }> {
  const { store, wake, clock, caretaker } = context
  const outcome = await store.recall({ id, sender, at: clock(), limit: AT_ONCE })
  if (outcome.kind === 'unknown') {
    throw new PosthornError('not_found', 'There is no such notification.')
  }
  const { receipt, removals, pending } = outcome
  wake.publish(removalMoves(removals))
  if (pending) caretaker.hurry()
  return { receipt, pending }
}
