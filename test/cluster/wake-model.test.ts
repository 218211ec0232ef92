import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { drawSeed } from '../random.js'
import { clusterScenario } from './wake-events.js'
import { WakeRun } from './wake-run.js'

/** Ten thousand by `npm run model`. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 1_000)

const seed = drawSeed()

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(() => {
  vi.useRealTimers()
})

// A failure shows the fewest events that lead to it; the same SEED finds them again.
test(
  `every session of a cluster ends level with the log over a bus that loses, doubles, delays and reorders (SEED=${seed}, ${RUNS} runs)`,
  async () => {
    let sessions = 0
    await fc.assert(
      fc.asyncProperty(clusterScenario, async (scenario) => {
        const run = new WakeRun(scenario)
        try {
          await run.step({ kind: 'open', node: 0 })
          for (const event of scenario.events) await run.step(event)
          await run.settle()
          sessions += run.size
        } finally {
          await run.close()
        }
      }),
      { seed, numRuns: RUNS },
    )
    expect(sessions).toBeGreaterThan(RUNS / 2)
  },
  60_000 + RUNS * 100,
)
