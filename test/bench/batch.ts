import { randomBytes } from 'node:crypto'
import { Child } from './child.js'
import { Ready, type InsertOptions, type BatchLoadOptions } from './messages.js'
import { compareLogs } from './oracle.js'
import { measureRounds, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'
import { storedEntries } from './stored.js'

/** A multiple of the notifications in a batch, so that the same requests go round and round. */
const USERS = 5_000
const PER_BATCH = 100
const CONNECTIONS = 8

/**
 * `batch`: notifications accepted a second where each POST brings a hundred, and all of them are on disk before it is answered.
 * The floor is SQLite alone. Afterwards every one of them must stand in the database, once, at the `seq` that its sender was told.
 */
export async function batch(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  using floorFolder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const measure = async () => {
    const { child, url } = await startService(folder, secret)
    await using server = child
    const users = USERS
    await using inserter = Child.fork('floors/batch-floor.ts', {
      database: floorFolder.database,
      users,
      perBatch: PER_BATCH,
    } satisfies InsertOptions)
    await inserter.next(Ready)
    await using load = Child.fork('load/batch-load.ts', {
      url,
      secret,
      users,
      perBatch: PER_BATCH,
      connections: CONNECTIONS,
    } satisfies BatchLoadOptions)
    await load.next(Ready)
    const sides = { service: { server, load }, floor: { server: inserter, load: inserter } }
    return await measureRounds(sides, context, folder.path)
  }
  const { accepted, violations, ...measured } = await measure()
  context.progress(`  looking for ${accepted.length} notifications on disk`)
  const onDisk = compareLogs(accepted, storedEntries(folder.database))
  return {
    name: 'batch',
    operation: `a notification of a POST that brings ${PER_BATCH}, answered, on disk; floor: its rows, by SQLite alone`,
    goal: 0.7,
    alarm: undefined,
    ...measured,
    violations: [...violations, ...onDisk.map((line) => `on disk: ${line}`)],
  }
}
