import { measureAgainstFloor } from './against-floor.js'
import { compareLogs } from './oracle.js'
import type { ScenarioContext, ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'
import { storedEntries, unrecordedDeliveries } from './stored.js'

const SETUP = {
  floorFile: 'floors/live-floor.ts',
  loadFile: 'load/live-load.ts',
  connections: 64,
}

const USERS = 1_000

/**
 * `live`: notifications a second from the POST to the user's connected device, which acknowledges them. The load sees
 * that each device receives each of its notifications once, in order; the database must hold them, and that the
 * device has them.
 */
export async function live(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  const setup = { ...SETUP, users: Math.min(USERS, context.effort.devices) }
  const { accepted, violations, ...measured } = await measureAgainstFloor(setup, folder, context)
  context.progress(`  looking for ${accepted.length} notifications on disk`)
  const onDisk = compareLogs(accepted, storedEntries(folder.database))
  const unrecorded = unrecordedDeliveries(folder.database)
  return {
    name: 'live',
    operation: 'a POST that reached its device',
    goal: 0.7,
    alarm: undefined,
    ...measured,
    violations: [
      ...violations,
      ...onDisk.map((line) => `on disk: ${line}`),
      ...(unrecorded > 0 ? [`on disk: ${unrecorded} deliveries are not recorded`] : []),
    ],
  }
}
