import type { Revocation } from '../../inbox/stores/revocations.js'
import type { Queries } from './database.js'

/** Revocations after a place, as they came. */
export async function revokedAfter(
  queries: Pick<Queries, 'query'>,
  { after, limit }: { after: number; limit: number },
): Promise<{ items: Revocation[]; last: number }> {
  const rows = await queries.query<Revocation & { id: number }>(
    'SELECT id, kind, name, time FROM revocations WHERE id > $1 ORDER BY id LIMIT $2',
    [after, limit],
  )
  return {
    items: rows.map(({ id: _id, ...revocation }) => revocation),
    last: rows.at(-1)?.id ?? after,
  }
}

export async function lastRevoked(queries: Pick<Queries, 'query'>): Promise<number> {
  const [row] = await queries.query<{ last: number }>(
    'SELECT coalesce(max(id), 0) AS last FROM revocations',
  )
  return row?.last ?? 0
}
