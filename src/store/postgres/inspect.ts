import { Client } from 'pg'
import * as z from 'zod/mini'

/** The oldest server that the log works on. */
const OLDEST = 130_000

const CONNECT_MS = 5_000

const Server = z.object({
  version: z.string(),
  number: z.number(),
  readonly: z.boolean(),
  ours: z.boolean(),
})
const Held = z.object({
  filling: z.nullable(z.string()),
  users: z.string(),
  notifications: z.string(),
})

/** What a look at a database finds: whether a node would start over it, and what it holds. */
export interface PostgresInspection {
  good: boolean
  says: string
}

/** Looks at a database and changes nothing; its URL, which may hold a password, is not repeated. */
export async function inspectPostgres(url: string): Promise<PostgresInspection> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_MS })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const [server] = z.array(Server).parse(
      (
        await client.query<Record<string, unknown>>(
          `SELECT current_setting('server_version') AS version,
           current_setting('server_version_num')::int AS number,
           current_setting('transaction_read_only') = 'on' AS readonly,
           to_regclass('schema_migrations') IS NOT NULL AS ours`,
        )
      ).rows,
    )
    if (!server) return { good: false, says: 'answers nothing' }
    const name = `PostgreSQL ${server.version}`
    if (server.number < OLDEST)
      return { good: false, says: `${name}: 13 is the oldest that serves` }
    if (server.readonly) return { good: false, says: `${name}: takes no writes: it is a standby` }
    if (!server.ours) return { good: true, says: `${name}: empty, and will be filled` }
    const [held] = z.array(Held).parse(
      (
        await client.query<Record<string, unknown>>(
          `SELECT filling, (SELECT coalesce(sum(delta), 0)::text FROM known_users) AS users,
             (SELECT count(*)::text FROM notifications) AS notifications FROM meta`,
        )
      ).rows,
    )
    if (!held) return { good: false, says: `${name}: it does not say which database it is` }
    if (held.filling !== null) {
      return { good: false, says: `${name}: a move into it has not ended: call migrate-data again` }
    }
    const { users, notifications } = held
    return { good: true, says: `${name}: users: ${users}, notifications: ${notifications}` }
  } catch (error) {
    return { good: false, says: `can't be used: ${reasonOf(error)}` }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** One that was tried at several addresses says why by a code alone. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== '') return error.message
  return 'code' in error ? String(error.code) : error.name
}
