import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Database } from '../../src/store/postgres/database.js'
import { migrate, readSchema } from '../../src/store/postgres/migrate.js'
import { findPgBouncer, startPgBouncer, type PgBouncer } from '../pgbouncer.js'
import { findPostgres, startPostgres, type PostgresServer } from '../postgres.js'

const program = findPgBouncer() ?? ''
const bin = findPostgres() ?? ''

describe.skipIf(program === '' || bin === '')('behind the pgbouncer of the example', () => {
  let postgres: PostgresServer
  let pgbouncer: PgBouncer
  let databases: [Database, Database]

  beforeAll(async () => {
    postgres = await startPostgres(bin)
    pgbouncer = await startPgBouncer(program, postgres.port)
    const options = { connections: 10, report: () => undefined }
    const url = pgbouncer.url('postgres')
    databases = [new Database({ url, ...options }), new Database({ url, ...options })]
  })
  afterAll(async () => {
    for (const database of databases) await database.close()
    await pgbouncer[Symbol.asyncDispose]()
    await postgres[Symbol.asyncDispose]()
  })

  test('nodes that start at once bring the schema up to date once', async () => {
    await Promise.all(databases.map((database) => migrate(database)))
    const numbers = await Promise.all(
      databases.map((database) => database.snapshot((queries) => readSchema(queries))),
    )
    expect(new Set(numbers)).toEqual(new Set([1]))
  })

  test('transactions of more connections than the pooler has keep their statements together, and nothing of theirs stays', async () => {
    const add = (index: number): Promise<unknown> =>
      databases[index % 2 === 0 ? 0 : 1].transaction(async (transaction) => {
        const asked = Array.from({ length: 5 }, () =>
          transaction.run('INSERT INTO known_users VALUES ($1)', [1]),
        )
        await Promise.all(asked)
        const [row] = await transaction.query<{ timeout: string }>(
          `SELECT current_setting('statement_timeout') AS timeout`,
        )
        return row?.timeout
      })
    const timeouts = await Promise.all(Array.from({ length: 60 }, (_, index) => add(index)))
    expect(new Set(timeouts)).toEqual(new Set(['15s']))
    const [database] = databases
    const [sum] =
      (await database.query<{ users: number; timeout: string }>(
        `SELECT sum(delta)::int AS users, current_setting('statement_timeout') AS timeout FROM known_users`,
      )) ?? []
    expect(sum).toEqual({ users: 300, timeout: '0' })
  })
})
