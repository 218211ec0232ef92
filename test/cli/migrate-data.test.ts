import { setTimeout as wait } from 'node:timers/promises'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from 'pg'
import { Database } from '../../src/store/postgres/database.js'
import { migrate } from '../../src/store/postgres/migrate.js'
import { temporaryFolder } from '../harness.js'
import { findPostgres, startPostgres, type PostgresServer } from '../postgres.js'
import { runCommand, ServiceProcess } from '../process.js'
import { drawSeed, seededRandom } from '../random.js'
import { dumpPostgres, dumpSqlite, makeSource, using } from '../store/move/sources.js'

const bin = findPostgres()

/** Batches of the source below, at the least: one for each of its tables, and more of the users. */
const BATCHES = 15

/** Stops a batch of a number on its way: while its rows are written, or while its transaction is committed. */
const STOPS = `
  CREATE SEQUENCE batches;
  CREATE TABLE stop_at (batch bigint);
  CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('batches') = (SELECT batch FROM stop_at) THEN PERFORM pg_advisory_xact_lock(1); END IF;
    RETURN NULL;
  END $$`

const TABLES =
  'users notifications inbox devices deliveries outcomes idempotency_keys scheduled scheduled_users subscriptions fan_outs erasures revocations'.split(
    ' ',
  )

/** Resolves when a batch stands still; the server tells nobody of that by itself. */
async function standing(client: Client): Promise<void> {
  const sql = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = 1`
  while ((await client.query(sql)).rowCount === 0) await wait(20)
}

describe.skipIf(bin === undefined)('migrate-data', () => {
  const folder = temporaryFolder()
  const path = join(folder.path, 'posthorn.db')
  const seed = drawSeed()
  const random = seededRandom(seed)
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres(bin ?? '', { fsync: 'off' })
    await makeSource(path, seed)
  })

  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    folder[Symbol.dispose]()
  })

  const run = (url: string, whileItRuns?: (child: ChildProcess) => Promise<void>) =>
    runCommand(['migrate-data', `sqlite:${path}`, url], {}, whileItRuns)

  async function emptyTarget(name: string): Promise<string> {
    await using(server.url('postgres'), (client) => client.query(`CREATE DATABASE ${name}`))
    const database = new Database({
      url: server.url(name),
      connections: 1,
      report: () => undefined,
    })
    await migrate(database)
    await database.close()
    return server.url(name)
  }

  test(`goes on after each kill, whichever batch it hits, and brings every row once (seed ${seed})`, async () => {
    const url = await emptyTarget('killed')
    const dump = dumpSqlite(path)
    await using(url, async (client) => {
      await client.query(STOPS)
      for (const table of TABLES) {
        await client.query(
          `CREATE TRIGGER stop AFTER INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION stop()`,
        )
      }
      let batch = 0
      for (let kill = 0; kill < 3; kill++) {
        batch += 1 + Math.floor(random() * (BATCHES / 3 - 1))
        await client.query('DELETE FROM stop_at')
        await client.query('INSERT INTO stop_at VALUES ($1)', [batch])
        await client.query('SELECT pg_advisory_lock(1)')
        const { code } = await run(url, async (child) => {
          await standing(client)
          child.kill('SIGKILL')
        })
        expect(code).toBe(null)
        await client.query('SELECT pg_advisory_unlock(1)')
        // What was stopped is written anew by the next one.
        batch += 1
      }
      await client.query('DELETE FROM stop_at')
    })
    const { code, output, errors } = await run(url)
    expect(errors).toBe('')
    expect(code).toBe(0)
    expect(output).toMatch(
      /^moved, users: \d+, rows: \d+; \d+ of them in [\d.]+ s, \d+ a second\n$/,
    )
    expect(await dumpPostgres(url, TABLES)).toEqual(dump)
    expect((await run(url)).errors).toBe(
      'posthorn: the move did not end: the target is not empty: it holds a log already\n',
    )
  })

  test('goes on after a kill while a batch was committed, which the server ends', async () => {
    const url = await emptyTarget('committed')
    await using(url, async (client) => {
      await client.query(STOPS)
      await client.query(
        `CREATE CONSTRAINT TRIGGER stop AFTER INSERT ON revocations DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION stop()`,
      )
      await client.query('INSERT INTO stop_at VALUES (1)')
      await client.query('SELECT pg_advisory_lock(1)')
      await run(url, async (child) => {
        await standing(client)
        child.kill('SIGKILL')
      })
      const again = run(url)
      await client.query('SELECT pg_advisory_unlock(1)')
      expect(await again).toMatchObject({ code: 0, errors: '' })
    })
    expect(await dumpPostgres(url, TABLES)).toEqual(dumpSqlite(path))
  })

  test('takes no database that a service runs over', async () => {
    using elsewhere = temporaryFolder()
    const served = join(elsewhere.path, 'posthorn.db')
    await using _service = await ServiceProcess.start(served)
    const { code, errors } = await runCommand(['migrate-data', `sqlite:${served}`, server.url('x')])
    expect(code).toBe(1)
    expect(errors).toMatch(
      /^posthorn: the move did not end: another Posthorn runs over this database\n$/,
    )
  })

  test.each([
    [['sqlite:x']],
    [['postgres://posthorn:hunter2@127.0.0.1/x', 'sqlite:x']],
    [['sqlite:x', 'mysql://posthorn:hunter2@127.0.0.1/x']],
  ])('says how it is called, and repeats no password: %j', async (words) => {
    const { code, errors } = await runCommand(['migrate-data', ...words])
    expect(code).toBe(1)
    expect(errors).toContain('migrate-data sqlite:FILE postgres://')
    expect(errors).not.toContain('hunter2')
  })
})
