// The benchmarks: whether the design holds. The exit code tells whether every answer and every delivery was right, never
// whether it was fast.

import { killChildren } from './child.js'
import { makeCharts } from './curves/charts.js'
import { readOptions, type Options } from './options.js'
import { legend, table } from './report.js'
import type { ScenarioResult } from './rounds.js'
import { SCENARIOS } from './scenarios.js'

const begun = performance.now()

// Progress goes to standard error, so that standard output holds the results alone.
const progress = (line: string): void => console.error(line)

async function measureScenarios({ names, json, effort }: Options): Promise<string[]> {
  const results: ScenarioResult[] = []
  for (const [index, name] of names.entries()) {
    progress(`${name} (${index + 1} of ${names.length}, after ${secondsSince(begun)} s)`)
    const result = await SCENARIOS[name]?.({ effort, progress })
    if (result) results.push(...[result].flat())
  }
  if (json) console.log(JSON.stringify(results, undefined, 2))
  else console.log(`\n${table(results)}\n\n${legend(results)}`)
  return results.flatMap(({ name, violations }) => violations.map((line) => `${name}: ${line}`))
}

async function run(options: Options): Promise<void> {
  const { charts, effort } = options
  const violations = charts
    ? await makeCharts({ effort, progress })
    : await measureScenarios(options)
  progress(`took ${secondsSince(begun)} s`)
  for (const violation of violations) {
    process.exitCode = 1
    console.error(violation)
  }
}

function secondsSince(begun: number): number {
  return Math.round((performance.now() - begun) / 1_000)
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
