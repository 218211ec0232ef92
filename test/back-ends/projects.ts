import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findPostgres } from '../postgres.js'
import { findRedis } from '../redis.js'

/** Where tests are that speak to a service, so that they hold for every back end. */
const FOLDERS = ['demo', 'http', 'model', 'server-client', 'service', 'socket']

/** The client's tests whose service is a real one. */
const CLIENT = ['test/client/kill.test.ts', 'test/client/service.test.ts']

/** Who starts one. */
const STARTS =
  /\b(?:startService|ServiceProcess|ClockedService|ClockedProcess|openInbox|Host|runDemo)\b/

/** Files that speak of SQLite's own, and why. */
const SQLITE_ALONE: Readonly<Record<string, string>> = {
  'test/service/second-instance.test.ts': 'a file has one service; a database has many',
  'test/service/start-failure.test.ts': 'puts a folder in the way of the file',
  'test/service/upgrade.test.ts': 'opens files of older versions',
  'test/service/upgrade-faults.test.ts': 'fails system calls upon the file',
  'test/socket/first-write.test.ts': 'holds the file locked',
  'test/socket/server-faults.test.ts': 'renames tables of the file while a service runs',
}

/** A back end beside SQLite, by the name of its project. */
export type BackEnd = 'postgres' | 'redis'

/** The tests that run over each of them as they do over SQLite. */
export function testsOfBackEnds(): string[] {
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join('test', folder))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => `test/${folder}/${name}`),
  )
  const speaking = found.filter((path) => STARTS.test(readFileSync(path, 'utf8')))
  return [...speaking, ...CLIENT].filter((path) => !(path in SQLITE_ALONE))
}

/** Whether this run is asked to leave the other back ends out, which an earlier one has tried: `TEST_BACK_ENDS=sqlite`. */
export function isSqliteAlone(): boolean {
  return process.env['TEST_BACK_ENDS'] === 'sqlite'
}

/**
 * Those whose servers are installed here.
 * @throws Error in CI, where it is a failure that one is not
 */
export function backEnds(): BackEnd[] {
  if (isSqliteAlone()) return []
  const found: BackEnd[] =
    findPostgres() === undefined
      ? []
      : findRedis() === undefined
        ? ['postgres']
        : ['postgres', 'redis']
  if (process.env['CI'] === 'true' && leftOut(found).length > 0) {
    throw new Error(leftOut(found).join('\n'))
  }
  return found
}

/** What the tests say nothing of where a server is not installed, in words. */
export function leftOut(found: readonly BackEnd[]): string[] {
  if (isSqliteAlone()) {
    return [
      'Left out, as TEST_BACK_ENDS=sqlite asks: the service over PostgreSQL and Redis, and clusters.',
    ]
  }
  const lines: string[] = []
  if (!found.includes('postgres')) {
    lines.push(
      'There is no PostgreSQL here (POSTGRES_BIN): its store, the service over it (project `postgres`) and clusters were left out.',
    )
  }
  if (!found.includes('redis')) {
    lines.push(
      'There is no Redis or Valkey here, or no PostgreSQL (REDIS_SERVER): the bus over it, the service with it (project `redis`) and clusters with it were left out.',
    )
  }
  return lines
}
