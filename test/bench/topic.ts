import { measureAgainstFloor } from './against-floor.js'
import { asDurations, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'
import { unrecordedDeliveries } from './stored.js'

const SETUP = {
  floorFile: 'floors/topic-floor.ts',
  loadFile: 'load/topic-load.ts',
  connections: 0,
}

const USERS = 10_000

/**
 * `topic`: how long a send to a topic of 10,000 connected users takes, from the POST until the last of them has it, one after the
 * other. The load sees that each device receives each of them once, in order; the database must hold that it has it.
 */
export async function topic(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  const users = Math.min(USERS, context.effort.devices)
  const setup = { ...SETUP, users }
  const { accepted: _accepted, ...measured } = await measureAgainstFloor(setup, folder, context)
  const unrecorded = unrecordedDeliveries(folder.database)
  return {
    name: 'topic',
    operation: `a POST to a topic until the last of ${users} connected subscribers has it; floor: a loop that sends the same bytes`,
    goal: 2.5,
    alarm: undefined,
    ...asDurations(measured),
    violations: [
      ...measured.violations,
      ...(unrecorded > 0 ? [`on disk: ${unrecorded} deliveries are not recorded`] : []),
    ],
  }
}
