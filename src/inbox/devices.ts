import { PosthornError } from '../protocol/errors.js'
import type { LiveConnections } from './live.js'
import type { OpenDevice, OpenedDevice, Store } from './store.js'
import type { RemovedDevice } from './stores/people.js'

/** Rows that one write looks at. */
const STEP = 250

export interface DevicesContext {
  store: Pick<Store, 'openDevice' | 'removeDevice' | 'forgetDeliveries'>
  live: Pick<LiveConnections, 'connections' | 'end'>
}

/**
 * Opens a device for a connection. A user who has as many as allowed loses the one that was seen least recently, one that is not
 * connected first.
 */
export async function openDevice(
  context: DevicesContext & {
    maxDevices: number
    /** Told of what failed once the device was open. */
    report: (error: unknown) => void
  },
  command: OpenDevice,
): Promise<OpenedDevice> {
  const { store, live, maxDevices, report } = context
  const online = (await live.connections(command.user)).map(({ device }) => device)
  const { evicted, ...opened } = await store.openDevice({ ...command, maxDevices, online })
  // The connection need not wait for it: those devices are gone.
  const ending = evicted.map((device) => endDevice(context, command.user, device))
  Promise.all(ending).catch(report)
  return opened
}

/**
 * Removes a device of a user: its cursor and what was delivered to it are forgotten, its connections end.
 * @throws PosthornError `not_found` where the user has no such device
 */
export async function removeDevice(
  context: DevicesContext,
  { user, device }: { user: string; device: string },
): Promise<void> {
  const removed = await context.store.removeDevice({ user, device, unseenSince: undefined })
  if (!removed) throw new PosthornError('not_found', 'There is no such device.')
  await endDevice(context, user, removed)
}

/** Ends the connections of a device that is gone, and forgets what was delivered to it. */
async function endDevice(
  context: DevicesContext,
  user: string,
  removed: RemovedDevice,
): Promise<void> {
  await context.live.end(
    { user, device: removed.name },
    { kind: 'error', code: 'device_removed', detail: 'The device was removed.' },
  )
  await forgetDeliveries(context, removed, () => false)
}

/** Forgets what was delivered to a device that is gone, in small steps. */
export async function forgetDeliveries(
  { store }: { store: Pick<Store, 'forgetDeliveries'> },
  { user, device }: RemovedDevice,
  isStopped: () => boolean,
): Promise<void> {
  let from: Awaited<ReturnType<typeof store.forgetDeliveries>>['next']
  do {
    ;({ next: from } = await store.forgetDeliveries({ user, device, from, limit: STEP }))
  } while (from && !isStopped())
}
