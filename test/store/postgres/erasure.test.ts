import { describe } from 'vitest'
import { describeErasure, type ErasableStore } from '../erasures.js'
import { ask, hasPostgres, openPostgres } from './files.js'

async function openErasable(bounds: { inboxLimit: number }): Promise<ErasableStore> {
  const opened = await openPostgres(bounds)
  const { url } = opened
  const numberIn = async (sql: string): Promise<number> =>
    Number((await ask(url, sql))[0]?.['n'] ?? 0)
  return {
    get store() {
      return opened.store
    },
    reopen: (newBounds) => opened.reopen(newBounds),
    async everything() {
      const tables = await ask(
        url,
        `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
      )
      const values: string[] = []
      for (const { name } of tables) {
        for (const row of await ask(url, `SELECT * FROM ${String(name)}`)) {
          for (const [at, value] of Object.entries(row)) {
            values.push(`${String(name)}.${at}: ${String(value)}`)
          }
        }
      }
      return values
    },
    count: (table, user) =>
      numberIn(
        `SELECT count(*) AS n FROM ${table} WHERE ${table === 'users' ? 'id' : 'user_id'} = ${user}`,
      ),
    // What a device had that was removed is forgotten later, or goes with its notification.
    faults: () =>
      ask(
        url,
        `SELECT notification, user_id FROM inbox
         WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id)
           OR NOT EXISTS (SELECT 1 FROM notifications WHERE notifications.id = notification)
         UNION ALL SELECT notification, user_id FROM outcomes
         WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id)
           OR NOT EXISTS (SELECT 1 FROM notifications WHERE notifications.id = notification)
         UNION ALL SELECT notification, 0 FROM fan_outs
         WHERE NOT EXISTS (SELECT 1 FROM notifications WHERE notifications.id = notification)
         UNION ALL SELECT 0, user_id FROM subscriptions
         WHERE NOT EXISTS (SELECT 1 FROM users WHERE users.id = user_id)`,
      ),
    numberOf: (name) => numberIn(`SELECT id AS n FROM users WHERE name = '${name}'`),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  describeErasure(openErasable)
})
