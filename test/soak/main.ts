// The soak: whether the service keeps its promises, and stays as it is, for a long time. The exit code tells.

import { parseArgs } from 'node:util'
import { killChildren } from '../bench/child.js'
import { Breakage } from './breaking-proxy.js'
import { flatnessTable, judge, tableOf } from './flatness.js'
import { runSoak, type SoakOptions, type SoakResult } from './run.js'
import { mostDescriptors } from './samples.js'

const USAGE = 'npm run soak -- [--minutes 30] [--sockets 5000] [--seed N]'

/** So that no typing error runs for days, or takes the machine. */
const MAX_MINUTES = 6 * 60
const MAX_SOCKETS = 20_000

/** Descriptors that are no sockets. */
const OTHER_DESCRIPTORS = 500

/** @throws Error with what is wrong */
function readOptions(words: string[]): Omit<SoakOptions, 'progress'> {
  const { values } = parseArgs({
    args: words,
    options: {
      minutes: { type: 'string', default: '30' },
      sockets: { type: 'string', default: '5000' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
      // For the test of the soak itself: events are dropped, or doubled, on their way.
      break: { type: 'string' },
    },
  })
  const [minutes, sockets, seed] = [values.minutes, values.sockets, values.seed].map(Number)
  if (!isWithin(minutes, 0.05, MAX_MINUTES)) throw new Error(`--minutes: up to ${MAX_MINUTES}`)
  if (!isWithin(sockets, 10, MAX_SOCKETS)) throw new Error(`--sockets: 10 to ${MAX_SOCKETS}`)
  if (!isWithin(seed, 0, Number.MAX_SAFE_INTEGER / 4)) throw new Error(`--seed: a number: ${USAGE}`)
  if (mostDescriptors() < sockets + OTHER_DESCRIPTORS) {
    throw new Error(
      `${sockets} sockets need more descriptors than \`ulimit -Hn\` allows: ${mostDescriptors()}`,
    )
  }
  return {
    minutes,
    sockets: Math.round(sockets),
    seed: Math.round(seed),
    breakage: values.break === undefined ? undefined : Breakage.parse(values.break),
  }
}

function isWithin(value: number | undefined, least: number, most: number): value is number {
  return value !== undefined && value >= least && value <= most
}

function tell({ samples, tally, violations }: SoakResult): void {
  const rows = judge(samples)
  console.log(`\nthe long life, after its warm-up:\n\n${flatnessTable(rows)}`)
  const counted = Object.entries(tally).toSorted(([a], [b]) => (a < b ? -1 : 1))
  console.log(`\nin all:\n\n${tableOf(counted.map(([what, times]) => [what, String(times)]))}\n`)
  const grown = rows
    .filter(({ verdict }) => verdict === 'GROWS')
    .map(({ title }) => `${title} grows`)
  for (const line of [...violations, ...grown]) {
    process.exitCode = 1
    console.log(`WRONG: ${line}`)
  }
  if (process.exitCode === undefined) console.log('every promise was kept')
}

/** Whatever waits for a child fails then, and every scope on the way out cleans up after itself. */
function interrupt(): void {
  console.error('interrupted')
  process.exitCode = 1
  killChildren()
}

process.once('SIGINT', interrupt)
process.once('SIGTERM', interrupt)
try {
  const options = readOptions(process.argv.slice(2))
  console.error(`seed ${options.seed}, at most ${mostDescriptors()} descriptors`)
  tell(await runSoak({ ...options, progress: (line) => console.error(line) }))
} catch (error) {
  process.exitCode = 1
  console.error(`soak: ${error instanceof Error ? error.message : String(error)}`)
} finally {
  killChildren()
}
