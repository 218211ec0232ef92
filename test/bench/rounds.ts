import type { Child } from './child.js'
import { cpuMilliseconds, watchOthers } from './cpu-time.js'
import type { Effort } from './effort.js'
import { RunReport, type Entry, type Latency } from './messages.js'
import { shorten } from './oracle.js'
import { syncMilliseconds } from './sync-time.js'

/** Where other processes keep more than this share of a processor busy, a round is disturbed. */
export const DISTURBED = 0.25

export interface ScenarioContext {
  effort: Effort
  /** Takes a line that says how far it is. */
  progress: (line: string) => void
}

/** What one server did in one run. */
export interface Measurement {
  /** What is compared: operations a second, where the scenario names no other unit. */
  value: number
  /** Processor time of the server for each operation, in microseconds; undefined where it can't be read. */
  cpuMicroseconds: number | undefined
  /** Where the load takes the time of each operation. */
  latency: Latency | undefined
}

interface Round {
  service: Measurement
  floor: Measurement
  /** How long the disk took to sync at its end, in milliseconds; undefined where nothing was written. */
  syncMs: number | undefined
  /** Processors that other processes kept busy; undefined where that can't be read. */
  others: number | undefined
}

/** What came of all rounds that count: medians. */
export interface Rounds extends Round {
  /** The median of the rounds' own ratios: what slows the machine for a while slows both sides of a round. */
  ratio: number
  /** A line for each kind of wrong answer or delivery; empty where there was none. */
  violations: string[]
  /** What the service answered with 201, the warm-up's too. */
  accepted: Entry[]
}

export interface ScenarioResult extends Omit<Rounds, 'accepted'> {
  name: string
  /** What one operation is. */
  operation: string
  /** The share of the floor that the design is to reach, or that it is to stay below where less is better; none where undefined … */
  goal: number | undefined
  /** … and under which something is wrong with it, where there is such a bound. */
  alarm: number | undefined
  /** Of what is compared, where that is not operations a second: of those that are named here, less is better. */
  unit?: 'ms' | 'bytes'
  /** What else was seen, a line each. */
  notes?: string[]
}

/** A server, and the process that drives its load. */
export interface Side {
  server: Child
  load: Child
  /** What is done before and after each of its runs, where anything is. */
  around?: (run: () => Promise<RunReport>) => Promise<RunReport>
}

/** Runs service and floor in turns; each round begins with the other one. */
export async function measureRounds(
  sides: { service: Side; floor: Side },
  { effort, progress }: ScenarioContext,
  folder: string,
): Promise<Rounds> {
  const accepted: Entry[] = []
  const violations: string[] = []
  const measure = async (name: 'service' | 'floor', milliseconds: number) => {
    const { measurement, report } = await measureOnce(sides[name], milliseconds)
    violations.push(...shorten(report.violations).map((violation) => `${name}: ${violation}`))
    // Where both sides are the same service, what either was told is in its database.
    if (sides[name].server === sides.service.server)
      for (const entry of report.accepted) accepted.push(entry)
    return measurement
  }

  await measure('service', effort.warmUpMs)
  await measure('floor', effort.warmUpMs)
  const rounds: Round[] = []
  const calm = (): number => rounds.filter(({ others = 0 }) => others <= DISTURBED).length
  while (calm() < effort.rounds && rounds.length < effort.rounds + effort.repeats) {
    const { service, floor } = sides
    const others = watchOthers(
      [service, floor].flatMap(({ server, load }) => [server.pid, load.pid]),
    )
    const serviceFirst = rounds.length % 2 === 0
    const early = serviceFirst ? await measure('service', effort.runMs) : undefined
    const floorMeasured = await measure('floor', effort.runMs)
    const round: Round = {
      service: early ?? (await measure('service', effort.runMs)),
      floor: floorMeasured,
      others: others(),
      syncMs: syncMilliseconds(folder),
    }
    rounds.push(round)
    progress(`  round ${rounds.length}: ${describe(round)}`)
  }
  const counted = rounds
    .toSorted((a, b) => (a.others ?? 0) - (b.others ?? 0))
    .slice(0, effort.rounds)
  return { ...summarise(counted), violations, accepted }
}

/** One run of a server and its load. */
export async function measureOnce(
  { server, load, around = (drive) => drive() }: Side,
  milliseconds: number,
): Promise<{ measurement: Measurement; report: RunReport }> {
  let cpu: number | undefined
  const report = await around(async () => {
    const before = cpuMilliseconds(server.pid)
    load.send({ kind: 'run', milliseconds })
    const ran = await load.next(RunReport)
    const after = cpuMilliseconds(server.pid)
    cpu = before === undefined || after === undefined ? undefined : after - before
    return ran
  })
  return {
    report,
    measurement: {
      value: (report.operations / report.milliseconds) * 1000,
      cpuMicroseconds: cpu === undefined ? undefined : (cpu / report.operations) * 1000,
      latency: report.latency,
    },
  }
}

function describe({ service, floor, syncMs, others = 0 }: Round): string {
  const rates = `${round(service.value)}/s, floor ${round(floor.value)}/s`
  const busy =
    others > DISTURBED ? `, disturbed: others kept ${others.toFixed(1)} processors busy` : ''
  const sync = syncMs === undefined ? '' : `, a sync takes ${syncMs.toFixed(1)} ms`
  return `${rates}${sync}${busy}`
}

/** Small numbers say more with a decimal. */
export function round(value: number): string {
  return value < 100 ? value.toFixed(1) : String(Math.round(value))
}

/** Rates as the milliseconds that one operation takes, of which less is better. */
export function asDurations<Figures extends Omit<Round, 'others' | 'syncMs'> & { ratio: number }>(
  figures: Figures,
) {
  const { service, floor, ratio } = figures
  return {
    ...figures,
    unit: 'ms' as const,
    service: { ...service, value: 1_000 / service.value },
    floor: { ...floor, value: 1_000 / floor.value },
    ratio: 1 / ratio,
  }
}

function summarise(rounds: readonly Round[]): Round & { ratio: number } {
  return {
    service: medianOf(rounds.map(({ service }) => service)),
    floor: medianOf(rounds.map(({ floor }) => floor)),
    ratio: median(rounds.map(({ service, floor }) => service.value / floor.value)),
    syncMs: medianIfAny(rounds.flatMap(({ syncMs }) => syncMs ?? [])),
    others: medianIfAny(rounds.flatMap(({ others }) => others ?? [])),
  }
}

function medianOf(measurements: readonly Measurement[]): Measurement {
  return {
    value: median(measurements.map(({ value }) => value)),
    cpuMicroseconds: medianIfAny(
      measurements.flatMap(({ cpuMicroseconds }) => cpuMicroseconds ?? []),
    ),
    latency: medianLatency(measurements.flatMap(({ latency }) => latency ?? [])),
  }
}

function medianLatency(latencies: readonly Latency[]): Latency | undefined {
  if (latencies.length === 0) return undefined
  return {
    p50Ms: median(latencies.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(latencies.map(({ p99Ms }) => p99Ms)),
    p999Ms: median(latencies.map(({ p999Ms }) => p999Ms)),
  }
}

function medianIfAny(numbers: readonly number[]): number | undefined {
  return numbers.length === 0 ? undefined : median(numbers)
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const [low = NaN, high = low] = sorted.slice(
    Math.floor((sorted.length - 1) / 2),
    Math.floor(sorted.length / 2) + 1,
  )
  return (low + high) / 2
}
