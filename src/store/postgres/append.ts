import type { Arrival } from '../../inbox/store.js'
import { endOf } from '../endings.js'
import { mostTrimmed, type LogBounds } from '../log-bounds.js'
import type { Transaction } from './database.js'
import type { HeldLog } from './held-logs.js'
import { grouped } from './grouped.js'
import { LogChanges } from './log-changes.js'
import { ROW_COLUMNS, type InboxRow } from './rows.js'
import { keepWithin, loadOldest, uncount } from './trim.js'

/** What is to stand in a user's inbox. */
export interface NewEntry {
  log: HeldLog
  notification: number
  collapseKey: string | null
  expiresAt: number | null
  at: number
}

/** Appends entries to logs that a transaction holds, once what stands in their way was loaded. */
export class Appending {
  readonly changes = new LogChanges()
  readonly #bounds: LogBounds
  /** What stands at a user's collapse key. */
  readonly #standing = new Map<string, InboxRow>()
  /** Where a newer one has stood, and is gone. */
  readonly #outlived = new Set<string>()

  constructor(bounds: LogBounds) {
    this.#bounds = bounds
  }

  /**
   * Loads what these entries may push out; `isNewest` where none can be newer than they are, since their numbers were drawn while their
   * users were held.
   */
  async load(
    transaction: Transaction,
    entries: readonly Pick<NewEntry, 'log' | 'notification' | 'collapseKey'>[],
    { isNewest }: { isNewest: boolean },
  ): Promise<void> {
    const keyed = entries.filter(({ collapseKey }) => collapseKey !== null)
    const [standing, outlived] = await Promise.all([
      findStanding(transaction, keyed),
      isNewest ? [] : findOutlived(transaction, keyed),
      loadOldest(transaction, this.changes, this.#trimmedBy(entries)),
    ])
    for (const found of standing) {
      const row = this.changes.known(found)
      this.#standing.set(placeOf(row.userId, row.collapseKey), row)
    }
    for (const { userId, collapseKey } of outlived) this.#outlived.add(placeOf(userId, collapseKey))
  }

  #trimmedBy(entries: readonly Pick<NewEntry, 'log'>[]): Map<number, number> {
    const trimmed = new Map<number, number>()
    for (const [log, arriving] of grouped(entries, (entry) => entry.log)) {
      const more = { entries: arriving.length, tombstones: 0 }
      trimmed.set(log.id, mostTrimmed(log, more, this.#bounds))
    }
    return trimmed
  }

  /**
   * Appends an entry to its log. It takes the place of an older one with its collapse key; where a newer one stands or stood there
   * already it gives way (undefined).
   */
  append({ log, notification, collapseKey, expiresAt, at }: NewEntry): Arrival | undefined {
    if (!this.#displace({ log, notification, collapseKey, at })) return undefined
    log.latest += 1
    log.entries += 1
    log.unread += 1
    log.unseen += 1
    const seq = log.latest
    const row = {
      userId: log.id,
      seq,
      notification,
      seenAt: null,
      readAt: null,
      archivedAt: null,
      expiresAt,
      collapseKey,
      movedAt: at,
      removed: null,
    }
    this.changes.arrive(row)
    if (collapseKey !== null) this.#standing.set(placeOf(log.id, collapseKey), row)
    keepWithin(this.changes, log, this.#bounds, at)
    return { user: log.name, seq, unread: log.unread, unseen: log.unseen }
  }

  /** Makes room at a collapse key; false where a newer one stands or stood there, and that is noted. */
  #displace({ log, notification, collapseKey, at }: Omit<NewEntry, 'expiresAt'>): boolean {
    if (collapseKey === null) return true
    const place = placeOf(log.id, collapseKey)
    const standing = this.#standing.get(place)
    const row = standing && !this.changes.isGone(standing) ? standing : undefined
    // Numbers are given out in the order of acceptance.
    if (row ? row.notification > notification : this.#outlived.has(place)) {
      this.changes.end({ userId: log.id, notification }, 'replaced')
      return false
    }
    if (!row) return true
    if (row.removed === null) uncount(log, row)
    else log.tombstones -= 1
    this.changes.vanish(row, endOf(row, 'replaced', at))
    return true
  }
}

/** No number has a space in it. */
function placeOf(userId: number, collapseKey: string | null): string {
  return `${userId} ${collapseKey}`
}

type Keyed = Pick<NewEntry, 'log' | 'notification' | 'collapseKey'>

async function findStanding(
  transaction: Transaction,
  keyed: readonly Keyed[],
): Promise<InboxRow[]> {
  if (keyed.length === 0) return []
  return transaction.query<InboxRow>(
    `SELECT DISTINCT ${ROW_COLUMNS}
     FROM unnest($1::bigint[], $2::text[]) AS keyed (user_id, collapse_key)
     JOIN inbox ON inbox.user_id = keyed.user_id AND inbox.collapse_key = keyed.collapse_key`,
    [keyed.map(({ log }) => log.id), keyed.map(({ collapseKey }) => collapseKey)],
  )
}

/** Retention may have removed a newer one meanwhile: how it ended is still known. What was stored with nobody never came. */
async function findOutlived(
  transaction: Transaction,
  keyed: readonly Keyed[],
): Promise<{ userId: number; collapseKey: string }[]> {
  if (keyed.length === 0) return []
  return transaction.query(
    `SELECT keyed.user_id AS "userId", keyed.collapse_key AS "collapseKey"
     FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS keyed (user_id, collapse_key, notification)
     WHERE EXISTS (
       SELECT 1 FROM outcomes JOIN notifications ON notifications.id = outcomes.notification
       WHERE outcomes.user_id = keyed.user_id AND outcomes.notification > keyed.notification
         AND notifications.collapse_key = keyed.collapse_key AND notifications.stored > 0)`,
    [
      keyed.map(({ log }) => log.id),
      keyed.map(({ collapseKey }) => collapseKey),
      keyed.map(({ notification }) => notification),
    ],
  )
}
