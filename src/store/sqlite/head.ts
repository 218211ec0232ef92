import type { LogHead } from '../../inbox/store.js'
import type { Connection } from './database.js'

/** Where the log of a user stands; `id` is undefined, and the log empty, where the user is not known. */
export function prepareHead(
  connection: Connection,
): (user: string) => LogHead & { id: number | undefined } {
  // One row comes in any case: whoever is not known has the epoch that a row made now would have.
  const select = connection.prepare<[string], LogHead & { id: number | null }>(
    `SELECT users.id AS id,
       meta.epoch || '.' || ifnull(users.life, meta.erasures) AS epoch,
       ifnull(users.latest, 0) AS latest, ifnull(users.horizon, 0) AS horizon,
       ifnull(users.unread, 0) AS unread, ifnull(users.unseen, 0) AS unseen
     FROM meta LEFT JOIN users ON users.name = ?`,
  )
  return (user) => {
    const row = select.get(user)
    if (!row) throw new Error('the database has lost its meta row')
    return { ...row, id: row.id ?? undefined }
  }
}

/** The highest `seq` of each of these users that is known. */
export function prepareLatest(
  connection: Connection,
): (users: readonly string[]) => Map<string, number> {
  const select = connection.prepare<[string], { name: string; latest: number }>(
    `SELECT users.name, users.latest FROM json_each(?) AS wanted
     JOIN users ON users.name = wanted.value`,
  )
  return (users) =>
    new Map(select.all(JSON.stringify(users)).map(({ name, latest }) => [name, latest]))
}
