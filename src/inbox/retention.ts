import { forgetDeliveries } from './devices.js'
import type { LiveConnections } from './live.js'
import type { Store } from './store.js'
import type { Forgettable, Overfull } from './stores/lifetimes.js'
import type { UnseenDevices } from './stores/people.js'
import type { Wake } from './wake.js'

/** Users, or notifications, that one read looks at. */
const LOOKED_AT = 1_000

/** Rows that one write removes. */
const STEP = 100

export interface Retention {
  store: Pick<
    Store,
    | 'overfull'
    | 'trim'
    | 'forgettable'
    | 'forget'
    | 'unseenDevices'
    | 'seeDevice'
    | 'removeDevice'
    | 'forgetDeliveries'
  >
  wake: Wake
  live: Pick<LiveConnections, 'connections'>
  now: number
  /** What last changed, or was seen, before is too old. */
  before: number
  /** Asked between two steps: the service may be stopping. */
  isStopped: () => boolean
  /** Waited for between two looks, so that a pass through very many takes its time, and little of the store's. */
  rest: () => Promise<void>
}

/** Goes once through all inboxes, devices and notifications and removes what is too old or too much, in small steps. */
export async function retain(retention: Retention): Promise<void> {
  await trimInboxes(retention)
  await removeDevices(retention)
  await forgetNotifications(retention)
}

async function trimInboxes({ store, wake, before, isStopped, rest }: Retention): Promise<void> {
  let after: number | undefined = 0
  while (after !== undefined && !isStopped()) {
    const found: Overfull = await store.overfull({ after, limit: LOOKED_AT, agedBefore: before })
    for (const user of found.users) {
      for (let more = true; more && !isStopped();) {
        const trimmed = await store.trim({ user, agedBefore: before, limit: STEP })
        more = trimmed.more
        if (trimmed.removed === 0) continue
        wake.publish([{ user, seq: trimmed.latest, change: { kind: 'counts' } }])
      }
    }
    after = found.next
    if (after !== undefined) await rest()
  }
}

/** A device that is connected was seen now, however long ago it came. */
async function removeDevices({
  store,
  live,
  now,
  before,
  isStopped,
  rest,
}: Retention): Promise<void> {
  let after: number | undefined = 0
  while (after !== undefined && !isStopped()) {
    const found: UnseenDevices = await store.unseenDevices({
      after,
      limit: LOOKED_AT,
      since: before,
    })
    for (const { user, device } of found.devices) {
      if (isStopped()) return
      const connections = await live.connections(user)
      if (connections.some((connection) => connection.device === device)) {
        await store.seeDevice({ user, device, epoch: undefined, at: now })
      } else {
        // It may have come and gone since it was read.
        const removed = await store.removeDevice({ user, device, unseenSince: before })
        if (removed) await forgetDeliveries({ store }, removed, isStopped)
      }
    }
    after = found.next
    if (after !== undefined) await rest()
  }
}

async function forgetNotifications({ store, before, isStopped, rest }: Retention): Promise<void> {
  if (isStopped()) return
  let found: Forgettable | undefined
  do {
    if (found) await rest()
    const query = { after: found?.next, limit: LOOKED_AT, acceptedBefore: before }
    found = await store.forgettable(query)
    const { notifications } = found
    for (let more = notifications.length > 0; more && !isStopped();) {
      ;({ more } = await store.forget({ notifications, acceptedBefore: before, limit: STEP }))
    }
  } while (found.next && !isStopped())
}
