import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Child } from './child.js'
import { Listening, Ready, RunReport, type LoadOptions, type PacedLoadOptions } from './messages.js'
import { compareLogs } from './oracle.js'
import { measureRounds, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'
import { storedEntries } from './stored.js'

const USERS = 1_000
const CONNECTIONS = 64

/**
 * `latency`: how long a notification takes from the moment at which its POST was due until its frame is there, at half the rate that
 * the service bears. The floor is that of `live`, with a file synced for each notification before it is sent.
 */
export async function latency(context: ScenarioContext): Promise<ScenarioResult[]> {
  using folder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const users = Math.min(USERS, context.effort.devices)
  const options = { secret, users, connections: CONNECTIONS }
  const measure = async () => {
    const { child, url } = await startService(folder, secret)
    await using server = child
    const syncFile = join(folder.path, 'synced')
    await using floor = Child.fork('floors/live-floor.ts', { secret, syncFile })
    const { url: floorUrl } = await floor.next(Listening)
    const { accepted: before, perSecond } = await half({ ...options, url }, context)
    context.progress(`  at ${Math.round(perSecond)} a second`)
    await using load = await startLoad({ ...options, url, perSecond })
    await using floorLoad = await startLoad({ ...options, url: floorUrl, perSecond })
    const sides = { service: { server, load }, floor: { server: floor, load: floorLoad } }
    const { accepted, ...figures } = await measureRounds(sides, context, folder.path)
    return { perSecond, accepted: [...before, ...accepted], ...figures }
  }
  const { perSecond, accepted, violations, ...figures } = await measure()
  const onDisk = compareLogs(accepted, storedEntries(folder.database))
  const { service, floor } = figures
  return (
    [
      ['p50', 'p50Ms', 2],
      ['p99', 'p99Ms', 3],
      ['p99.9', 'p999Ms', undefined],
    ] as const
  ).map(([name, percentile, goal]) => {
    const [mine, other] = [service, floor].map(({ latency }) => latency?.[percentile] ?? NaN)
    return {
      name: `latency ${name}`,
      operation: `from when a POST was due until its frame is there, ${Math.round(perSecond)} a second; floor: a file synced, then sent`,
      goal,
      alarm: undefined,
      unit: 'ms',
      ...figures,
      service: { ...service, value: mine ?? NaN },
      floor: { ...floor, value: other ?? NaN },
      ratio: (mine ?? NaN) / (other ?? NaN),
      violations: [...violations, ...onDisk.map((line) => `on disk: ${line}`)],
    }
  })
}

/** Half of what the service bears, and what it was sent to find that out. */
async function half(options: LoadOptions, { effort }: ScenarioContext) {
  await using load = Child.fork('load/live-load.ts', options)
  await load.next(Ready)
  const run = async (milliseconds: number): Promise<RunReport> => {
    load.send({ kind: 'run', milliseconds })
    return load.next(RunReport)
  }
  const warmUp = await run(effort.warmUpMs)
  const measured = await run(effort.runMs)
  return {
    accepted: [...warmUp.accepted, ...measured.accepted],
    perSecond: (measured.operations / measured.milliseconds) * 500,
  }
}

async function startLoad(options: PacedLoadOptions): Promise<Child> {
  const load = Child.fork('load/paced-load.ts', options)
  await load.next(Ready)
  return load
}
