// The benchmarks: whether the design holds. The exit code tells whether every answer and every delivery was right, never
// whether it was fast.

import { parseArgs } from 'node:util'
import { accept } from './accept.js'
import { batch } from './batch.js'
import { killChildren } from './child.js'
import { fanOut } from './fan-out.js'
import { hostile } from './hostile.js'
import { latency } from './latency.js'
import { live } from './live.js'
import { memory } from './memory.js'
import { replay } from './replay.js'
import { legend, table } from './report.js'
import { slowDisk } from './slow-disk.js'
import { storm } from './storm.js'
import { topic } from './topic.js'
import type { Effort, ScenarioContext, ScenarioResult } from './rounds.js'

const SCENARIOS: Readonly<
  Record<string, (context: ScenarioContext) => Promise<ScenarioResult | ScenarioResult[]>>
> = {
  accept,
  batch,
  live,
  latency,
  topic,
  'fan-out': fanOut,
  replay,
  storm,
  memory,
  'slow-disk': slowDisk,
  hostile,
}

const USAGE = `npm run bench -- ${Object.keys(SCENARIOS)
  .map((name) => `[${name}]`)
  .join(' ')} [--quick] [--rounds N] [--json]`

/** What takes long, and has no goal of speed. */
const BY_NAME_ALONE: ReadonlySet<string> = new Set(['hostile'])

const FULL: Effort = { rounds: 5, repeats: 2, runMs: 3_000, warmUpMs: 3_000 }
const QUICK: Effort = { rounds: 2, repeats: 0, runMs: 1_000, warmUpMs: 1_000 }

/** So that no typing error runs for hours. */
const MAX_ROUNDS = 100

interface Options {
  names: string[]
  json: boolean
  effort: Effort
}

/** @throws Error with what is wrong */
function readOptions(words: string[]): Options {
  const { values, positionals } = parseArgs({
    args: words,
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
    },
  })
  const unknown = positionals.find((name) => !(name in SCENARIOS))
  if (unknown !== undefined) throw new Error(`there is no scenario ${unknown}: ${USAGE}`)
  const effort = values.quick ? QUICK : FULL
  const rounds = values.rounds === undefined ? effort.rounds : Number(values.rounds)
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new Error(`--rounds takes a number from 1 to ${MAX_ROUNDS}`)
  }
  const all = Object.keys(SCENARIOS).filter((name) => !BY_NAME_ALONE.has(name))
  const names = positionals.length > 0 ? positionals : all
  return { names, json: values.json, effort: { ...effort, rounds } }
}

async function run({ names, json, effort }: Options): Promise<void> {
  const results: ScenarioResult[] = []
  // Progress goes to standard error, so that standard output holds the results alone.
  const context = { effort, progress: (line: string) => console.error(line) }
  for (const name of names) {
    console.error(name)
    const result = await SCENARIOS[name]?.(context)
    if (result) results.push(...[result].flat())
  }
  if (json) console.log(JSON.stringify(results, undefined, 2))
  else console.log(`\n${table(results)}\n\n${legend(results)}`)
  for (const { name, violations } of results) {
    for (const violation of violations) {
      process.exitCode = 1
      console.error(`${name}: ${violation}`)
    }
  }
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
  await run(readOptions(process.argv.slice(2)))
} catch (error) {
  process.exitCode = 1
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`)
} finally {
  killChildren()
}
