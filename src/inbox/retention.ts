import type { Store } from './store.js'
import type { Wake } from './wake.js'

/** Users, or notifications, that one read looks at. */
const LOOKED_AT = 1_000

/** Rows that one write removes. */
const STEP = 100

export interface Retention {
  store: Pick<Store, 'overfull' | 'trim' | 'forgettable' | 'forget'>
  wake: Wake
  /** What last changed before is too old. */
  before: number
  /** Asked between two steps: the service may be stopping. */
  isStopped: () => boolean
}

/** Goes once through all inboxes and notifications and removes what is too old or too much, in small steps. */
export async function retain(retention: Retention): Promise<void> {
  await trimInboxes(retention)
  await forgetNotifications(retention)
}

async function trimInboxes({ store, wake, before, isStopped }: Retention): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined && !isStopped();) {
    const found: Awaited<ReturnType<typeof store.overfull>> = await store.overfull({
      after,
      limit: LOOKED_AT,
      agedBefore: before,
    })
    for (const user of found.users) {
      for (let more = true; more && !isStopped();) {
        const trimmed = await store.trim({ user, agedBefore: before, limit: STEP })
        more = trimmed.more
        if (trimmed.removed === 0) continue
        wake.publish([{ user, seq: trimmed.latest, change: { kind: 'counts' } }])
      }
    }
    after = found.next
  }
}

async function forgetNotifications({ store, before, isStopped }: Retention): Promise<void> {
  for (let after: number | undefined = 0; after !== undefined && !isStopped();) {
    const found: Awaited<ReturnType<typeof store.forgettable>> = await store.forgettable({
      after,
      limit: LOOKED_AT,
      acceptedBefore: before,
    })
    const { notifications } = found
    for (let more = notifications.length > 0; more && !isStopped();) {
      ;({ more } = await store.forget({ notifications, acceptedBefore: before, limit: STEP }))
    }
    after = found.next
  }
}
