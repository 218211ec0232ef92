import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawSeed } from '../random.js'
import { scenario } from './session-events.js'
import { SessionRun } from './session-run.js'
import { seen } from './session-rules.js'

/** Ten thousand by `npm run model`. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 3_000)

/** What must have happened at least once in many runs: what never comes tests nothing. */
const KINDS = [
  'notification',
  'updated',
  'removed as recalled',
  'removed as expired',
  'expired and passed over',
  'counts',
  'gap',
  'caught_up',
  'reply',
]
const MANY_RUNS = 1_000

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
    const counts = [...seen].map(([what, count]) => `${what} ${count}`)
    console.info(`session model: ${runs} runs, SEED=${seed}: ${counts.toSorted().join(', ')}`)
    expect(runs).toBeGreaterThanOrEqual(RUNS)
    const missing = KINDS.filter((what) => !seen.has(what))
    expect(RUNS < MANY_RUNS ? [] : missing, 'what never happened').toEqual([])
  },
  60_000 + RUNS * 100,
)
