import type { Change, Store } from '../../../src/inbox/store.js'
import type {
  Forgettable,
  Arrived,
  RecallOutcome,
  Removal,
} from '../../../src/inbox/stores/lifetimes.js'
import type { FanOutStep } from '../../../src/inbox/stores/topics.js'
import { ALL, AT, SHOP, titlesOf, readChanges } from './store-under-test.js'

/** More than a test has to do in one step. */
const MANY = 1_000

/** Takes a notification back, as the service that sent it. */
export function recall(
  store: Store,
  id: string,
  options: { at?: number; limit?: number; sender?: typeof SHOP } = {},
): Promise<RecallOutcome> {
  const { at = AT, limit = MANY, sender = SHOP } = options
  return store.recall({ id, sender, at, limit })
}

export type Recalled = Extract<RecallOutcome, { kind: 'recalled' }>

/** Takes a notification back, and fails where it is not known. */
export async function recalled(
  store: Store,
  id: string,
  options: { at?: number; limit?: number } = {},
): Promise<Recalled> {
  const outcome = await recall(store, id, options)
  if (outcome.kind === 'unknown') throw new Error('the notification is not known')
  return outcome
}

/** Makes tombstones of all that has expired by then. */
export function expireAll(store: Store, at: number): Promise<Removal[]> {
  return store.expire({ at, limit: MANY })
}

/** Fires all that is due by then. */
export function fireAll(store: Store, at: number): Promise<Arrived[]> {
  return store.fire({ at, limit: MANY })
}

/** Does steps of fan-outs until there is nothing left to do; gives what each did. */
export async function stepAll(store: Store, at = AT, limit = MANY): Promise<FanOutStep[]> {
  const steps: FanOutStep[] = []
  for (;;) {
    const step = await store.stepFanOut({ at, limit })
    if (!step) return steps
    steps.push(step)
    if (steps.length > 10_000) throw new Error('the fan-outs have no end')
  }
}

/** Fires, sweeps and fans out whatever there is by then. */
export async function finishAll(store: Store, at: number): Promise<void> {
  while ((await fireAll(store, at)).length > 0);
  while ((await expireAll(store, at)).length > 0);
  await stepAll(store, at)
}

/** Goes through all notifications, in small steps, and forgets those that may be; gives how many writes it took. */
export async function forgetAll(
  store: Store,
  acceptedBefore: number,
  limit = 100,
): Promise<number> {
  let writes = 0
  let found: Forgettable | undefined
  do {
    found = await store.forgettable({ after: found?.next, limit: 3, acceptedBefore })
    const { notifications } = found
    for (let more = notifications.length > 0; more;) {
      ;({ more } = await store.forget({ notifications, acceptedBefore, limit }))
      writes += 1
      if (writes > 1_000) throw new Error('the forgetting has no end')
    }
  } while (found.next)
  return writes
}

/** Whom steps have reached, each with the `seq` there: `alice 3`. */
export function reachedBy(steps: readonly FanOutStep[]): string[][] {
  return steps.map((step) =>
    (step.kind === 'delivered' ? step.arrivals : step.removals).map(
      ({ user, seq }) => `${user} ${seq}`,
    ),
  )
}

/** How each entry of a user's log is told to one who knows nothing: `3 order`, or `4 - recalled` for a tombstone. */
export async function logOf(store: Store, user: string, at = AT): Promise<string[]> {
  const { entries } = await readChanges(store, { user, after: 0, ...ALL, at })
  return entries.map(asText)
}

function asText(change: Change): string {
  if (change.kind === 'removed') return `${change.seq} - ${change.reason}`
  return `${change.seq} ${titlesOf([change])[0] ?? '?'}`
}

/** The titles of all that a user's inbox holds, newest first. */
export async function inboxOf(store: Store, user: string): Promise<(string | null)[]> {
  const query = { user, filter: 'all' as const, before: undefined, limit: ALL.limit }
  return titlesOf((await store.list(query)).entries)
}

/** Where a user's log stands, as a text: `latest 3, horizon 0, unread 2, unseen 2`. */
export async function headOf(store: Store, user: string): Promise<string> {
  const { latest, horizon, unread, unseen } = await store.head(user)
  return `latest ${latest}, horizon ${horizon}, unread ${unread}, unseen ${unseen}`
}
