// The benchmarks: whether the design holds. The exit code tells whether every answer and every delivery was right, never
// whether it was fast.

import { killChildren } from './child.js'
import { readOptions, type Options } from './options.js'
import { legend, table } from './report.js'
import type { ScenarioResult } from './rounds.js'
import { SCENARIOS } from './scenarios.js'

async function run({ names, json, effort }: Options): Promise<void> {
  const results: ScenarioResult[] = []
  const begun = performance.now()
  // Progress goes to standard error, so that standard output holds the results alone.
  const context = { effort, progress: (line: string) => console.error(line) }
  for (const [index, name] of names.entries()) {
    console.error(`${name} (${index + 1} of ${names.length}, after ${secondsSince(begun)} s)`)
    const result = await SCENARIOS[name]?.(context)
    if (result) results.push(...[result].flat())
  }
  console.error(`took ${secondsSince(begun)} s`)
  if (json) console.log(JSON.stringify(results, undefined, 2))
  else console.log(`\n${table(results)}\n\n${legend(results)}`)
  for (const { name, violations } of results) {
    for (const violation of violations) {
      process.exitCode = 1
      console.error(`${name}: ${violation}`)
    }
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
