import { randomBytes } from 'node:crypto'
import { startFilledService } from './filled-service.js'
import { FEW, KINDS, startKind, storedFor, wrongOnDisk, type Kind } from './growth-kinds.js'
import { measureRounds, type Rounds, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'

/**
 * `growth`: what listing, replaying and accepting pay for what is stored already: the same service with ten million notifications and, as
 * the floor, with ten thousand.
 */
export async function growth(context: ScenarioContext): Promise<ScenarioResult[]> {
  const much = storedFor(context.effort.stored)
  using folder = new TemporaryFolder()
  using floorFolder = new TemporaryFolder()
  const measure = async () => {
    const secret = randomBytes(32).toString('base64url')
    context.progress(`  storing ${context.effort.stored} notifications`)
    const service = await startFilledService(folder, secret, much)
    await using server = service.child
    const floor = await startFilledService(floorFolder, secret, FEW)
    await using floorServer = floor.child
    const starts = `the service starts in ${service.startMs} ms; floor: ${floor.startMs} ms`
    context.progress(`  ${starts}`)
    const measured: { kind: Kind; rounds: Rounds }[] = []
    for (const kind of KINDS) {
      context.progress(`  ${kind.name}`)
      await using load = await startKind(kind, service)
      await using floorLoad = await startKind(kind, floor)
      const sides = { service: { server, load }, floor: { server: floorServer, load: floorLoad } }
      measured.push({ kind, rounds: await measureRounds(sides, context, folder.path) })
    }
    return { measured, starts }
  }
  const { measured, starts } = await measure()
  const onDisk = { database: folder.database, stored: much }
  return measured.map(({ kind, rounds: { accepted, violations, ...figures } }) => ({
    name: `growth ${kind.name}`,
    operation: `${kind.operation}, with ${context.effort.stored} notifications stored; floor: with ${FEW.users * FEW.each}`,
    goal: 0.9,
    alarm: undefined,
    ...figures,
    notes: kind.name === 'list' ? [starts] : [],
    violations: [...violations, ...wrongOnDisk(kind, onDisk, accepted)],
  }))
}
