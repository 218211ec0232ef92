import { randomBytes } from 'node:crypto'
import { startFilledService } from '../filled-service.js'
import { KINDS, startKind, storedFor, wrongOnDisk, type Kind } from '../growth-kinds.js'
import { measureOnce, type Measurement, type ScenarioContext } from '../rounds.js'
import { TemporaryFolder } from '../service-process.js'
import type { Chart } from './charts.js'
import { latencyCurves } from './latency-curves.js'
import type { Curve, Panel } from './svg.js'

const SIZES = [10_000, 100_000, 1_000_000, 10_000_000]

const COLOURS: Readonly<Record<Kind['name'], string>> = {
  list: '#8250df',
  replay: '#1a7f37',
  accept: '#0969da',
}

interface Point {
  kind: Kind
  stored: number
  measured: Measurement
}

/** What a list, a replayed notification and an accepted one cost over databases of ever more notifications. */
export async function storedCurve(context: ScenarioContext): Promise<Chart> {
  const points: Point[] = []
  const violations: string[] = []
  for (const stored of SIZES.filter((size) => size <= context.effort.stored)) {
    const measured = await measureAt(stored, context)
    points.push(...measured.points)
    violations.push(...measured.violations)
  }
  return {
    title: 'What reading and accepting cost, against what is stored',
    panels: [cost(points), latency(points)],
    violations,
  }
}

async function measureAt(stored: number, { effort, progress }: ScenarioContext) {
  using folder = new TemporaryFolder()
  const points: Point[] = []
  const violations: string[] = []
  const checks: (() => string[])[] = []
  const measure = async (): Promise<void> => {
    progress(`  storing ${stored} notifications`)
    const secret = randomBytes(32).toString('base64url')
    const service = await startFilledService(folder, secret, storedFor(stored))
    await using server = service.child
    for (const kind of KINDS) {
      await using load = await startKind(kind, service)
      const warmUp = await measureOnce({ server, load }, effort.warmUpMs / 3)
      const { measurement, report } = await measureOnce({ server, load }, effort.runMs)
      points.push({ kind, stored, measured: measurement })
      violations.push(...warmUp.report.violations, ...report.violations)
      const accepted = [...warmUp.report.accepted, ...report.accepted]
      checks.push(() => wrongOnDisk(kind, service, accepted))
      progress(`  ${kind.name}: ${Math.round(measurement.value)} a second`)
    }
  }
  await measure()
  return { points, violations: [...violations, ...checks.flatMap((check) => check())] }
}

function cost(points: readonly Point[]): Panel {
  const names = {
    list: 'a list of 50',
    replay: 'a notification replayed',
    accept: 'a notification accepted',
  }
  return {
    title: 'Server’s processor time',
    x: { title: 'notifications stored', kind: 'log' },
    y: { title: 'microseconds each', kind: 'log' },
    curves: KINDS.map(({ name }): Curve => ({
      name: names[name],
      colour: COLOURS[name],
      points: of(points, name).flatMap(({ stored, measured }) =>
        measured.cpuMicroseconds === undefined ? [] : [[stored, measured.cpuMicroseconds] as const],
      ),
    })),
  }
}

function latency(points: readonly Point[]): Panel {
  const curves = (name: 'list' | 'accept'): Curve[] =>
    latencyCurves(
      name,
      COLOURS[name],
      of(points, name).map(({ stored, measured }) => [stored, measured] as const),
    )
  return {
    title: 'Time to the answer, 64 connections',
    x: { title: 'notifications stored', kind: 'log' },
    y: { title: 'milliseconds', kind: 'log' },
    curves: [...curves('list'), ...curves('accept')],
  }
}

function of(points: readonly Point[], name: Kind['name']): Point[] {
  return points.filter(({ kind }) => kind.name === name)
}
