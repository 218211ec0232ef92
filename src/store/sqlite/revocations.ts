import type {
  Revocation,
  RevocationsPage,
  RevocationsQuery,
} from '../../inbox/stores/revocations.js'
import type { Connection } from './database.js'

/** Keeps a revocation, at a place after all others. */
export function prepareRevoke(connection: Connection): (revocation: Revocation) => void {
  const remove = connection
    .prepare<Pick<Revocation, 'kind' | 'name'>, number>(
      'DELETE FROM revocations WHERE kind = :kind AND name = :name RETURNING time',
    )
    .pluck()
  const insert = connection.prepare<Revocation>(
    'INSERT INTO revocations (kind, name, time) VALUES (:kind, :name, :time)',
  )
  return ({ kind, name, time }) => {
    const former = remove.get({ kind, name }) ?? 0
    insert.run({ kind, name, time: Math.max(former, time) })
  }
}

/** Revocations after a place, in the order in which they came. */
export function prepareRevocations(connection: Connection) {
  const select = connection.prepare<[number, number], Revocation & { id: number }>(
    'SELECT id, kind, name, time FROM revocations WHERE id > ? ORDER BY id LIMIT +?',
  )
  return ({ after = 0, limit }: RevocationsQuery): RevocationsPage => {
    const rows = select.all(after, limit)
    return {
      items: rows.map(({ id: _id, ...revocation }) => revocation),
      next: rows.length === limit ? rows.at(-1)?.id : undefined,
    }
  }
}

/** Forgets tokens that have expired: nobody believes them any more. */
export function prepareForgetRevocations(connection: Connection) {
  const remove = connection.prepare<{ before: number; limit: number }>(
    `DELETE FROM revocations WHERE id IN
       (SELECT id FROM revocations WHERE kind = 'token' AND time < :before LIMIT +:limit)`,
  )
  return (command: { before: number; limit: number }): { more: boolean } => ({
    more: remove.run(command).changes === command.limit,
  })
}
