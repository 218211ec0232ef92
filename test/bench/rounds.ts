import type { Child } from './child.js'
import { cpuMilliseconds } from './cpu-time.js'
import { RunReport, type Entry } from './messages.js'
import { shorten } from './oracle.js'
import { syncMilliseconds } from './sync-time.js'

/** How much is measured. */
export interface Effort {
  rounds: number
  /** The length of one measurement. */
  runMs: number
  warmUpMs: number
}

export interface ScenarioContext {
  effort: Effort
  /** Takes a line that says how far it is. */
  progress: (line: string) => void
}

/** What one server did in one run. */
interface Measurement {
  perSecond: number
  /** Processor time of the server for each operation, in microseconds; undefined where it can't be read. */
  cpuMicroseconds: number | undefined
}

/** What came of all rounds: medians. */
export interface Rounds {
  service: Measurement
  floor: Measurement
  /** The median of the rounds' own ratios: what slows the machine for a while slows both sides of a round. */
  ratio: number
  /** A line for each kind of wrong answer or delivery; empty where there was none. */
  violations: string[]
  /** How long the disk took to sync between the rounds, in milliseconds: the median. */
  syncMs: number
  /** What the service answered with 201, the warm-up's too. */
  accepted: Entry[]
}

export interface ScenarioResult extends Omit<Rounds, 'accepted'> {
  name: string
  /** What one operation is. */
  operation: string
  /** The share of the floor that the design is to reach … */
  goal: number
  /** … and under which something is wrong with it, where there is such a bound. */
  alarm: number | undefined
}

/** A server, and the process that drives its load. */
export interface Side {
  server: Child
  load: Child
}

/** Runs service and floor in turns; each round begins with the other one. */
export async function measureRounds(
  sides: { service: Side; floor: Side },
  { effort, progress }: ScenarioContext,
  folder: string,
): Promise<Rounds> {
  const accepted: Entry[] = []
  const violations: string[] = []
  const runSide = async (name: 'service' | 'floor', milliseconds: number): Promise<Measurement> => {
    const { server, load } = sides[name]
    const cpuBefore = cpuMilliseconds(server.pid)
    load.send({ kind: 'run', milliseconds })
    const report = await load.next(RunReport)
    const cpuAfter = cpuMilliseconds(server.pid)
    violations.push(...shorten(report.violations).map((violation) => `${name}: ${violation}`))
    if (name === 'service') for (const entry of report.accepted) accepted.push(entry)
    const cpuMs =
      cpuBefore === undefined || cpuAfter === undefined ? undefined : cpuAfter - cpuBefore
    return {
      perSecond: (report.operations / report.milliseconds) * 1000,
      cpuMicroseconds: cpuMs === undefined ? undefined : (cpuMs / report.operations) * 1000,
    }
  }

  await runSide('service', effort.warmUpMs)
  await runSide('floor', effort.warmUpMs)
  const rounds: { service: Measurement; floor: Measurement; syncMs: number }[] = []
  while (rounds.length < effort.rounds) {
    const serviceFirst = rounds.length % 2 === 0
    const early = serviceFirst ? await runSide('service', effort.runMs) : undefined
    const floor = await runSide('floor', effort.runMs)
    const service = early ?? (await runSide('service', effort.runMs))
    const syncMs = syncMilliseconds(folder)
    rounds.push({ service, floor, syncMs })
    progress(
      `  round ${rounds.length}: ${Math.round(service.perSecond)}/s, floor ${Math.round(floor.perSecond)}/s, a sync takes ${syncMs.toFixed(1)} ms`,
    )
  }
  return {
    service: medianOf(rounds.map(({ service }) => service)),
    floor: medianOf(rounds.map(({ floor }) => floor)),
    ratio: median(rounds.map(({ service, floor }) => service.perSecond / floor.perSecond)),
    syncMs: median(rounds.map(({ syncMs }) => syncMs)),
    violations,
    accepted,
  }
}

function medianOf(measurements: readonly Measurement[]): Measurement {
  const cpu = measurements.flatMap(({ cpuMicroseconds }) => cpuMicroseconds ?? [])
  return {
    perSecond: median(measurements.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: cpu.length === 0 ? undefined : median(cpu),
  }
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [low = NaN, high = low] = sorted.slice(
    Math.floor((sorted.length - 1) / 2),
    Math.floor(sorted.length / 2) + 1,
  )
  return (low + high) / 2
}
