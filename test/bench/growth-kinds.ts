import { startLoad, type FilledService, type Stored } from './filled-service.js'
import type { Entry } from './messages.js'
import { compareLogs } from './oracle.js'
import { storedEntries, unrecordedDeliveries } from './stored.js'
import type { Child } from './child.js'

/** What a service that has just begun has. */
export const FEW: Stored = { users: 100, each: 100 }

/** So many notifications, for as many users as they take. */
export function storedFor(notifications: number): Stored {
  return { users: Math.ceil(notifications / FEW.each), each: FEW.each }
}

/**
 * What is measured over a database, in this order: whoever lists and replays must meet the inboxes as they were filled. The users are
 * as many in a large one as in a small one, spread evenly over those that are there, and each who reads has 100 entries: what differs is the size.
 */
export const KINDS = [
  {
    name: 'list',
    loadFile: 'load/list-load.ts',
    users: FEW.users,
    connections: 64,
    operation: `a list of the newest 50 of the ${FEW.each} in an inbox`,
  },
  {
    name: 'replay',
    loadFile: 'load/return-load.ts',
    users: FEW.users,
    connections: 0,
    operation: `a notification of the ${FEW.each} that each new device of ${FEW.users} users receives, all at once`,
  },
  {
    name: 'accept',
    loadFile: 'load/accept-load.ts',
    users: 5_000,
    connections: 64,
    operation: 'a POST to one of 5000 users, answered 201, on disk',
  },
] as const
export type Kind = (typeof KINDS)[number]

export function startKind(
  { loadFile, users, connections }: Kind,
  { url, secret, stored, database }: FilledService,
): Promise<Child> {
  const stride = Math.max(1, Math.floor(stored.users / users))
  return startLoad(loadFile, { url, secret, users, connections, database, stride })
}

/** What does not stand in the database as the load was told, where the service has stopped. */
export function wrongOnDisk(
  { name }: Kind,
  { database, stored }: Pick<FilledService, 'database' | 'stored'>,
  accepted: readonly Entry[],
): string[] {
  switch (name) {
    case 'list':
      return []
    case 'replay': {
      const unrecorded = unrecordedDeliveries(database, stored.each)
      return unrecorded > 0 ? [`on disk: ${unrecorded} deliveries are not recorded`] : []
    }
    case 'accept': {
      const after = stored.users * stored.each
      return compareLogs(accepted, storedEntries(database, after)).map((line) => `on disk: ${line}`)
    }
  }
}
