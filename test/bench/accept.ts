import { measureAgainstFloor } from './against-floor.js'
import { compareLogs } from './oracle.js'
import type { ScenarioContext, ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'
import { storedEntries } from './stored.js'

const SETUP = {
  floorFile: 'floors/accept-floor.ts',
  loadFile: 'load/accept-load.ts',
  users: 5_000,
  connections: 64,
}

/**
 * `accept`: notifications accepted a second, each for one user and on disk before it is answered. Afterwards every one
 * of them must stand in the database, once, at the `seq` that its sender was told.
 */
export async function accept(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  const { accepted, violations, ...measured } = await measureAgainstFloor(SETUP, folder, context)
  context.progress(`  looking for ${accepted.length} notifications on disk`)
  const onDisk = compareLogs(accepted, storedEntries(folder.database))
  return {
    name: 'accept',
    operation: 'a POST answered 201, on disk',
    goal: 0.85,
    alarm: 0.8,
    ...measured,
    violations: [...violations, ...onDisk.map((line) => `on disk: ${line}`)],
  }
}
