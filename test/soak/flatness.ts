import type { Sample } from './samples.js'

/** The share of a life in which caches fill and code is compiled. */
const WARM_UP_SHARE = 0.2

/** Fewer samples say nothing. */
const LEAST_SAMPLES = 30

const MEBIBYTE = 1024 * 1024

type Measure = Exclude<keyof Sample, 'at'>

/** By how much a measure may be higher in the last third than in the first, and still count as flat. */
const BOUNDS: Partial<Record<Measure, { share: number; more: number }>> = {
  resident: { share: 0.1, more: 16 * MEBIBYTE },
  otherDescriptors: { share: 0, more: 50 },
  writeAheadLog: { share: 0.1, more: 16 * MEBIBYTE },
}

const TITLES: Readonly<Record<Measure, string>> = {
  sockets: 'sockets',
  descriptors: 'descriptors',
  otherDescriptors: 'descriptors beside the sockets',
  resident: 'memory (RSS), MiB',
  writeAheadLog: 'write-ahead log, MiB',
  database: 'database, MiB',
  healthMs: 'GET /healthz, ms',
  cpu: 'processors kept busy',
}

interface Row {
  title: string
  thirds: number[]
  most: number
  verdict: 'flat' | 'GROWS' | 'not judged' | ''
}

/** One life of a service in thirds after its warm-up: the median of each, and whether it grew. */
export function judge(samples: readonly Sample[]): Row[] {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE))
  const third = Math.ceil(warm.length / 3)
  const thirds = [0, 1, 2].map((index) => warm.slice(index * third, (index + 1) * third))
  const isEnough = warm.length >= LEAST_SAMPLES
  const measures = Object.keys(TITLES).filter((name): name is Measure => name in TITLES)
  return measures.map((measure) => {
    if (measure === 'cpu') {
      const shares = thirds.map(processorsOf)
      return { title: TITLES.cpu, thirds: shares, most: Math.max(...shares), verdict: '' }
    }
    const medians = thirds.map((part) => median(part.map((sample) => sample[measure])))
    const bound = BOUNDS[measure]
    const unit = ['resident', 'writeAheadLog', 'database'].includes(measure) ? MEBIBYTE : 1
    return {
      title: TITLES[measure],
      thirds: medians.map((value) => value / unit),
      most: Math.max(...samples.map((sample) => sample[measure])) / unit,
      verdict: bound ? verdictOf(medians, bound, isEnough) : '',
    }
  })
}

function verdictOf(
  [first = 0, , last = 0]: readonly number[],
  { share, more }: { share: number; more: number },
  isEnough: boolean,
): Row['verdict'] {
  if (!isEnough) return 'not judged'
  return last <= first * (1 + share) + more ? 'flat' : 'GROWS'
}

function processorsOf(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)]
  return first && last && last.at > first.at ? (last.cpu - first.cpu) / (last.at - first.at) : 0
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** The rows for a terminal. */
export function flatnessTable(rows: readonly Row[]): string {
  const cells = [
    ['', 'first third', 'second', 'last', 'most', ''],
    ...rows.map(({ title, thirds, most, verdict }) => [
      title,
      ...[...thirds, most].map((value) => value.toFixed(value < 100 ? 1 : 0)),
      verdict,
    ]),
  ]
  return tableOf(cells)
}

/** Words to the left, numbers to the right. */
export function tableOf(cells: readonly (readonly string[])[]): string {
  const columns = Math.max(...cells.map(({ length }) => length))
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  )
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
