import { expect, test } from 'vitest'
import { Database } from '../../../src/store/postgres/database.js'
import { inspectPostgres } from '../../../src/store/postgres/inspect.js'
import { migrate } from '../../../src/store/postgres/migrate.js'
import { findPostgres, startPostgres } from '../../postgres.js'

const bin = findPostgres()

test.skipIf(bin === undefined)('says what a database is, and whether it may be used', async () => {
  await using server = await startPostgres(bin ?? '', { fsync: 'off' })
  const url = server.url('postgres')
  const empty = await inspectPostgres(url)
  expect([empty.good, empty.says]).toEqual([
    true,
    expect.stringMatching(/: empty, and will be filled$/),
  ])
  const database = new Database({ url, connections: 1, report: () => undefined })
  await migrate(database)
  const { good, says } = await inspectPostgres(url)
  expect([good, says.endsWith('users: 0, notifications: 0')]).toEqual([true, true])
  await database.query(`UPDATE meta SET filling = 'x'`)
  expect((await inspectPostgres(url)).says).toContain('a move into it has not ended')
  await database.close()
})

test('says that nobody answers, without the URL', async () => {
  expect(await inspectPostgres('postgres://posthorn:hunter2@127.0.0.1:1/x')).toEqual({
    good: false,
    says: "can't be used: connect ECONNREFUSED 127.0.0.1:1",
  })
})
