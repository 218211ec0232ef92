import type { Connection } from './database.js'

/** Makes a user, who is not known yet, in the life of whoever comes now; gives its number. */
export function prepareMakeUser(connection: Connection): (name: string) => number {
  const insert = connection.prepare<[string]>(
    'INSERT INTO users (name, life) VALUES (?, (SELECT erasures FROM meta))',
  )
  return (name) => Number(insert.run(name).lastInsertRowid)
}
