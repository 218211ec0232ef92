import { randomBytes } from 'node:crypto'
import { Child } from './child.js'
import { startFilledService, startLoad } from './filled-service.js'
import { Listening, type FloorOptions } from './messages.js'
import { measureRounds, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'
import { unrecordedDeliveries } from './stored.js'

/**
 * `replay-deep`: notifications a second where one device comes that has missed 100,000, which takes a higher limit of an inbox than the
 * usual one. It receives each once and in order; the database must hold that it has it.
 */
export async function replayDeep(context: ScenarioContext): Promise<ScenarioResult> {
  const missed = context.effort.missed.byOne
  using folder = new TemporaryFolder()
  const measure = async () => {
    const secret = randomBytes(32).toString('base64url')
    const service = await startFilledService(folder, secret, { users: 1, each: missed })
    await using server = service.child
    const { database } = folder
    await using floor = Child.fork('floors/replay-floor.ts', {
      secret,
      database,
    } satisfies FloorOptions)
    const { url: floorUrl } = await floor.next(Listening)
    const options = { secret, database, users: 1, connections: 0 }
    await using load = await startLoad('load/return-load.ts', { ...options, url: service.url })
    await using floorLoad = await startLoad('load/return-load.ts', { ...options, url: floorUrl })
    const sides = { service: { server, load }, floor: { server: floor, load: floorLoad } }
    return await measureRounds(sides, context, folder.path)
  }
  const { accepted: _accepted, violations, ...figures } = await measure()
  const unrecorded = unrecordedDeliveries(folder.database)
  return {
    name: 'replay deep',
    operation: `a notification of the ${missed} that one device has missed; floor: one plain frame each`,
    goal: undefined,
    alarm: undefined,
    ...figures,
    violations: [
      ...violations,
      ...(unrecorded > 0 ? [`on disk: ${unrecorded} deliveries are not recorded`] : []),
    ],
  }
}
