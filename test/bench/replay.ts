import { randomBytes } from 'node:crypto'
import { Child } from './child.js'
import { Listening, Ready, type ReplayLoadOptions, type RunReport } from './messages.js'
import { measureRounds, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'
import { unrecordedDeliveries } from './stored.js'

const USERS = 1_000

/**
 * `replay`: notifications a second where 1,000 devices come back at once, each of which has missed 200. The load sees that each
 * receives what it missed, once and in order; the database must hold that it has it.
 */
export async function replay(context: ScenarioContext): Promise<ScenarioResult> {
  using folder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const users = Math.min(USERS, context.effort.devices)
  const missed = context.effort.missed.byEach
  const measure = async () => {
    const { child, url } = await startService(folder, secret)
    await using server = child
    await using floor = Child.fork('floors/replay-floor.ts', { secret })
    const { url: floorUrl } = await floor.next(Listening)
    await using load = await startLoad({ url, secret, users, missed })
    await using floorLoad = await startLoad({ url: floorUrl, secret, users, missed })
    const sides = {
      service: { server, load, around: whileAway(load) },
      floor: { server: floor, load: floorLoad, around: whileAway(floorLoad) },
    }
    return await measureRounds(sides, context, folder.path)
  }
  const { accepted: _accepted, violations, ...measured } = await measure()
  const unrecorded = unrecordedDeliveries(folder.database)
  return {
    name: 'replay',
    operation: `a notification of the ${missed} that each of ${users} devices has missed that come back at once; floor: one plain frame each`,
    goal: 2,
    alarm: undefined,
    ...measured,
    violations: [
      ...violations,
      ...(unrecorded > 0 ? [`on disk: ${unrecorded} deliveries are not recorded`] : []),
    ],
  }
}

/** What is sent while the devices are away is no part of what is measured. */
function whileAway(load: Child) {
  return async (run: () => Promise<RunReport>): Promise<RunReport> => {
    load.send({ kind: 'prepare' })
    await load.next(Ready)
    return run()
  }
}

async function startLoad(
  options: Pick<ReplayLoadOptions, 'url' | 'secret' | 'users' | 'missed'>,
): Promise<Child> {
  const load = Child.fork('load/replay-load.ts', {
    ...options,
    connections: 1,
  } satisfies ReplayLoadOptions)
  await load.next(Ready)
  return load
}
