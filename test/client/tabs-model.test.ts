import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawSeed } from '../random.js'
import { seen, step, TabsRun } from './tabs-run.js'

const RUNS = Number(process.env['MODEL_RUNS'] ?? 150)

/** Enough for all runs; what has failed is told with the fewest steps that were found until then. */
const TIME_LIMIT_MS = RUNS * 1_000

const seed = drawSeed()

// A failure shows the fewest steps that lead to it; the same SEED finds them again.
test(
  `tabs lose nothing between them and hear nothing twice, whichever ends, is stuck or comes late (SEED=${seed}, ${RUNS} runs)`,
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.array(step, { maxLength: 60, size: 'max' }),
        async (drawn, steps) => {
          const run = new TabsRun(drawn)
          for (const each of steps) await run.step(each)
          expect(await run.settle()).toEqual([])
        },
      ),
      { seed, numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: true },
    )
    const inService = ['arrive', 'mark', 'recall', 'cut', 'revoke']
    const inTabs = ['open', 'close', 'crash', 'freeze', 'thaw']
    expect(
      [...inService, ...inTabs].filter((kind) => !seen.has(kind)),
      'what never happened',
    ).toEqual([])
  },
  60_000 + TIME_LIMIT_MS,
)
