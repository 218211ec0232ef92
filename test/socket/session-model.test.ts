import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawSeed } from '../random.js'
import { scenario } from './session-events.js'
import { SessionRun } from './session-run.js'

/** Ten thousand by `npm run model`. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 3_000)

const seed = drawSeed()

// A failure shows the fewest events that lead to it, and the order of answers; the same SEED finds them again.
test(
  `a session sends its log without a hole in whatever order its store, its wakes and its socket act (SEED=${seed}, ${RUNS} runs)`,
  async () => {
    let runs = 0
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scenario, async (scheduler, drawn) => {
        runs += 1
        const run = await SessionRun.begin(scheduler, drawn)
        for (const event of drawn.events) await run.step(event)
        if (drawn.ending === 'settled') await run.settle()
        else await run.end(drawn.ending)
      }),
      { seed, numRuns: RUNS },
    )
    expect(runs).toBeGreaterThanOrEqual(RUNS)
  },
  60_000 + RUNS * 100,
)
