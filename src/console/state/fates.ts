import { stateOf, type ArrivalRow } from './arrivals.js'

/** What became of each notification that a row tells of, by the row's key, where later rows tell. */
export function fatesOf(rows: readonly ArrivalRow[]): ReadonlyMap<number, string> {
  const fates = new Map<number, string>()
  const byId = new Map<string, string>()
  const byCollapseKey = new Map<string, string>()
  for (const row of rows.toReversed()) {
    switch (row.kind) {
      case 'notification': {
        const { id, collapseKey } = row.notification
        const fate =
          byId.get(id) ?? (collapseKey === null ? undefined : byCollapseKey.get(collapseKey))
        if (fate !== undefined) fates.set(row.key, fate)
        else if (row.notification.archivedAt !== null) fates.set(row.key, stateOf(row.notification))
        byId.set(id, 'replaced')
        if (collapseKey !== null) byCollapseKey.set(collapseKey, 'replaced')
        break
      }
      case 'updated':
        if (row.state === 'archived' && !byId.has(row.id)) byId.set(row.id, row.state)
        break
      case 'removed':
        if (!byId.has(row.id)) byId.set(row.id, row.reason)
        break
      case 'gap':
      case 'ephemeral':
      case 'connection':
    }
  }
  return fates
}
