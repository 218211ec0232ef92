import type { Latency } from './messages.js'
import { DISTURBED, round, type ScenarioResult } from './rounds.js'

const HEADINGS = [
  'scenario',
  'rate',
  'floor',
  'of floor',
  'goal',
  'cpu',
  'floor cpu',
  'sync',
  'others',
  '',
]

/** The results as a table for a terminal. */
export function table(results: readonly ScenarioResult[]): string {
  const rows = [HEADINGS, ...results.map(toRow)]
  const widths = HEADINGS.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          // Words to the left, numbers to the right.
          column === 0 || column === HEADINGS.length - 1
            ? cell.padEnd(widths[column] ?? 0)
            : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What the columns mean. */
export function legend(results: readonly ScenarioResult[]): string {
  return [
    ...results.map(({ name, operation }) => `${name}: ${operation}`),
    ...results.flatMap(latencies),
    ...results.flatMap(({ name, notes = [] }) => notes.map((note) => `${name}: ${note}`)),
    'rate, floor: a second, where nothing else is said; cpu: of the server, for each; sync: of the disk, once; others: processors that\n' +
      'other processes kept busy: where they were, the ratio tells little of the service',
    'medians of the rounds; of floor: the median of the rounds’ own ratios',
  ].join('\n')
}

/** How long one operation took, where the load takes the time of each, and no row says it. */
function latencies({ name, service, floor, unit }: ScenarioResult): string[] {
  if (!service.latency || unit !== undefined) return []
  const beside = floor.latency ? `; floor: ${describe(floor.latency)}` : ''
  return [`${name}: ${describe(service.latency)}${beside}`]
}

function describe({ p50Ms, p99Ms, p999Ms }: Latency): string {
  const [half, hundred, thousand] = [p50Ms, p99Ms, p999Ms].map((ms) => `${ms.toFixed(1)} ms`)
  return `half take up to ${half}, 99 in 100 up to ${hundred}, 999 in 1,000 up to ${thousand}`
}

function toRow(result: ScenarioResult): string[] {
  const { name, service, floor, ratio, goal, unit } = result
  return [
    name,
    withUnit(service.value, unit),
    withUnit(floor.value, unit),
    ratio.toFixed(2),
    goal === undefined ? '–' : `${unit === undefined ? '≥' : '≤'} ${goal.toFixed(2)}`,
    microseconds(service.cpuMicroseconds),
    microseconds(floor.cpuMicroseconds),
    result.syncMs === undefined ? '–' : `${result.syncMs.toFixed(1)} ms`,
    result.others === undefined ? '–' : result.others.toFixed(1),
    verdict(result),
  ]
}

function withUnit(value: number, unit: ScenarioResult['unit']): string {
  return unit === undefined ? round(value) : `${round(value)} ${unit}`
}

function microseconds(value: number | undefined): string {
  if (value === undefined) return '–'
  return value < 10_000 ? `${Math.round(value)} µs` : `${Math.round(value / 1_000)} ms`
}

function verdict(result: ScenarioResult): string {
  const { unit, ratio, goal, alarm, others = 0, violations } = result
  if (violations.length > 0) return 'WRONG'
  if (goal === undefined) return ''
  if (unit === undefined ? ratio >= goal : ratio <= goal) return 'reached'
  if (others > DISTURBED) return 'not told: the machine was busy'
  return alarm !== undefined && ratio < alarm ? `ALARM: under ${alarm}` : 'not reached'
}
