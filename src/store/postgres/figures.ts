import type { Queries, Reads } from './database.js'

/** What is stored, in numbers that cost little to tell, however much it is. */
export interface Figures {
  /** Users who are known. */
  users: number
  /** Jobs that write to many, by what they do; `begun` are those that have written already. */
  fanOuts: readonly { work: 'deliver' | 'recall'; begun: boolean; jobs: number }[]
  /** When the next scheduled notification is due; undefined where there is none. */
  nextDueAt: number | undefined
}

export async function figures(queries: Reads): Promise<Figures> {
  const [counted, fanOuts] = await Promise.all([
    queries.query<{ users: number; nextDueAt: number | null }>(
      `SELECT (SELECT coalesce(sum(delta), 0)::bigint FROM known_users) AS users,
         (SELECT min(due_at) FROM scheduled) AS "nextDueAt"`,
    ),
    queries.query<Figures['fanOuts'][number]>(
      `SELECT work, place > 0 AS begun, count(*) AS jobs FROM fan_outs GROUP BY work, begun`,
    ),
  ])
  return {
    users: counted[0]?.users ?? 0,
    fanOuts,
    nextDueAt: counted[0]?.nextDueAt ?? undefined,
  }
}

/** In bytes: of the server's disk a client is told nothing. */
export async function sizes(queries: Reads): Promise<{ database: number }> {
  const [size] = await queries.query<{ database: number }>(
    'SELECT pg_database_size(current_database()) AS database',
  )
  return { database: size?.database ?? 0 }
}

/** At most so many rows of the count of users are joined at once. */
const FOLDED = 10_000

/** Joins the rows that count users to one, which each transaction has added to that made some. */
export async function foldKnownUsers(queries: Queries): Promise<void> {
  await queries.run(
    `WITH taken AS MATERIALIZED (
       SELECT ctid AS place FROM known_users LIMIT ${FOLDED} FOR UPDATE SKIP LOCKED),
     folded AS (
       DELETE FROM known_users WHERE ctid = ANY(ARRAY(SELECT place FROM taken)) RETURNING delta)
     INSERT INTO known_users (delta) SELECT sum(delta) FROM folded HAVING count(*) > 0`,
  )
}
