import { measureAgainstFloor } from './against-floor.js'
import type { ScenarioContext, ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'

const SETUP = {
  // Nothing was sent, so that it has nothing to replay.
  floorFile: 'floors/replay-floor.ts',
  loadFile: 'load/storm-load.ts',
  connections: 0,
}

const USERS = 10_000

/**
 * `storm`: devices a second that connect again and have caught up, where 10,000 do so at once and have missed nothing. Their
 * tokens have been verified before, by both sides, in the warm-up.
 */
export async function storm(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  const users = Math.min(USERS, context.effort.devices)
  const setup = { ...SETUP, users }
  const { accepted: _accepted, ...measured } = await measureAgainstFloor(setup, folder, context)
  return {
    name: 'storm',
    operation: `one of ${users} devices that connect at once and have caught up; floor: a bare WebSocket, its token checked`,
    goal: 0.6,
    alarm: undefined,
    ...measured,
  }
}
