import { randomBytes } from 'node:crypto'
import { Child } from '../child.js'
import { Listening, Ready, type Entry, type PacedLoadOptions } from '../messages.js'
import { compareLogs } from '../oracle.js'
import { measureOnce, type Measurement, type ScenarioContext } from '../rounds.js'
import { startService, TemporaryFolder } from '../service-process.js'
import { storedEntries } from '../stored.js'
import type { Chart } from './charts.js'
import { latencyCurves } from './latency-curves.js'
import type { Curve, Panel } from './svg.js'

const USERS = 1_000
const CONNECTIONS = 256

/** POSTs a second, up to more than either side bears. */
const OFFERED = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 12_000]

const COLOURS = { service: '#0969da', floor: '#8c5a00' }

interface Point {
  offered: number
  measured: Measurement
}

/** How much of what is offered reaches its device, and how late: the service beside the floor of `live`, by a time-table that waits for nobody. */
export async function loadCurve(context: ScenarioContext): Promise<Chart> {
  using folder = new TemporaryFolder()
  const points: Record<Side, Point[]> = { service: [], floor: [] }
  const violations: string[] = []
  const accepted: Entry[] = []
  const measure = async (): Promise<void> => {
    const secret = randomBytes(32).toString('base64url')
    const { child, url } = await startService(folder, secret)
    await using server = child
    await using floor = Child.fork('floors/live-floor.ts', { secret })
    const { url: floorUrl } = await floor.next(Listening)
    const sides = { service: { server, url }, floor: { server: floor, url: floorUrl } }
    const options = {
      secret,
      users: Math.min(USERS, context.effort.devices),
      connections: CONNECTIONS,
    }
    for (const offered of OFFERED) {
      for (const side of ['service', 'floor'] as const) {
        const { server: measuredServer, url: at } = sides[side]
        await using load = await startLoad({ ...options, url: at, perSecond: offered })
        const pair = { server: measuredServer, load }
        const warmUp = await measureOnce(pair, context.effort.warmUpMs / 3)
        const { measurement, report } = await measureOnce(pair, context.effort.runMs)
        points[side].push({ offered, measured: measurement })
        violations.push(
          ...[...warmUp.report.violations, ...report.violations].map((line) => `${side}: ${line}`),
        )
        if (side === 'service') accepted.push(...warmUp.report.accepted, ...report.accepted)
        context.progress(
          `  ${offered} a second offered to the ${side}: ${Math.round(measurement.value)} came`,
        )
      }
    }
  }
  await measure()
  violations.push(
    ...compareLogs(accepted, storedEntries(folder.database)).map((line) => `on disk: ${line}`),
  )
  return {
    title: 'Live: from a POST to the user’s device, against the load',
    panels: [throughput(points), latency(points)],
    violations,
  }
}

type Side = 'service' | 'floor'

function throughput(points: Record<Side, Point[]>): Panel {
  const curve = (side: Side, colour: string): Curve => ({
    name: side,
    colour,
    points: points[side].map(({ offered, measured }) => [offered, measured.value]),
  })
  return {
    title: 'Throughput',
    x: { title: 'offered, notifications a second', kind: 'linear' },
    y: { title: 'delivered, notifications a second', kind: 'linear' },
    curves: [curve('service', COLOURS.service), curve('floor', COLOURS.floor)],
  }
}

function latency(points: Record<Side, Point[]>): Panel {
  const curves = (side: Side): Curve[] =>
    latencyCurves(
      side,
      COLOURS[side],
      points[side].map(({ offered, measured }) => [offered, measured] as const),
    )
  return {
    title: 'Time from when a POST is due to its frame',
    x: { title: 'offered, notifications a second', kind: 'linear' },
    y: { title: 'milliseconds', kind: 'log' },
    curves: [...curves('service'), ...curves('floor')],
  }
}

async function startLoad(options: PacedLoadOptions): Promise<Child> {
  const load = Child.fork('load/paced-load.ts', options)
  await load.next(Ready)
  return load
}
