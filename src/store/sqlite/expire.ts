import type { Due, Removal } from '../../inbox/stores/lifetimes.js'
import type { LogBounds } from '../log-bounds.js'
import type { Connection } from './database.js'
import { prepareRemove, type LivingRow } from './remove.js'
import { ROW_COLUMNS } from './rows.js'

/** Makes tombstones of entries that have expired. */
export function prepareExpire(
  connection: Connection,
  bounds: LogBounds,
): (command: { at: number; limit: number }) => Removal[] {
  const first = connection.prepare<[number], LivingRow>(
    `SELECT ${ROW_COLUMNS}, notifications.uuid AS uuid, inbox.collapse_key AS collapseKey
     FROM inbox JOIN notifications ON notifications.id = inbox.notification
     WHERE inbox.expires_at IS NOT NULL AND inbox.removed IS NULL AND inbox.expires_at <= ?
     ORDER BY inbox.expires_at LIMIT 1`,
  )
  const remove = prepareRemove(connection, bounds)
  return ({ at, limit }) => {
    const removals: Removal[] = []
    // One by one: what one tombstone is too many for may take the next entry with it.
    for (let row = first.get(at); row && removals.length < limit; row = first.get(at)) {
      removals.push(remove(row, 'expired', at))
    }
    return removals
  }
}

/** Which steps have something to do. */
export function prepareDue(connection: Connection): (at: number) => Due {
  const exists = (rows: string) => {
    const select = connection.prepare<{ at: number }, number>(`${rows} LIMIT 1`).pluck()
    return (at: number): boolean => select.get({ at }) !== undefined
  }
  const expired = exists(
    `SELECT 1 FROM inbox
     WHERE expires_at IS NOT NULL AND removed IS NULL AND expires_at <= :at`,
  )
  const scheduled = exists('SELECT 1 FROM scheduled WHERE due_at <= :at')
  const fanOuts = exists('SELECT 1 FROM fan_outs WHERE turn > 0 AND :at IS NOT NULL')
  const erasures = exists('SELECT 1 FROM erasures WHERE user > 0 AND :at IS NOT NULL')
  return (at) => ({
    expired: expired(at),
    scheduled: scheduled(at),
    fanOuts: fanOuts(at),
    erasures: erasures(at),
  })
}
