import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawSeed } from '../../random.js'
import { allOperations, operations, ownOperations, type Operation } from './operations.js'
import { Run } from './run.js'
import { numbers, type OpenStore } from './store-under-test.js'

/** A few hundred runs; fewer where the disk is slow. */
const RUNS = 300
const TIME_LIMIT_MS = 10_000

/** Few entries, so that inboxes are often full. */
const BOUNDS = { inboxLimit: 3 }

/** Long runs, each in a store of its own. */
const LONG_RUNS = 12

/** Runs that work at once: many share each commit, so that they take little time. */
const RUNS_AT_ONCE = 300

/**
 * Whether so long a time is over: then no more runs begin. One that is under way goes on, since it would leave its store open if it were
 * interrupted.
 */
function timeLimit(): () => boolean {
  const end = performance.now() + TIME_LIMIT_MS
  return () => performance.now() >= end
}

async function doAll(run: Run, steps: readonly Operation[]): Promise<void> {
  for (const operation of steps) {
    const { said, expected } = await run.step(operation)
    expect(said).toEqual(expected)
  }
}

export function describeRandomWork(open: OpenStore): void {
  describe('random work', () => {
    const seed = drawSeed()

    // A failure shows the fewest operations that lead to it; the same SEED in the environment finds them again.
    test(`M1: the store says what a small model says (SEED=${seed})`, async () => {
      await using opened = await open(BOUNDS)
      const { store } = opened
      let runs = 0
      const isOver = timeLimit()
      await fc.assert(
        fc.asyncProperty(operations, async (steps) => {
          if (isOver()) return
          runs += 1
          const run = new Run(store, `run-${runs}`, BOUNDS)
          try {
            await doAll(run, steps)
            const { said, expected } = await run.everything()
            expect(said).toEqual(expected)
          } finally {
            await run.finish()
          }
        }),
        { seed, numRuns: RUNS },
      )
      expect(runs).toBeGreaterThan(0)
    })

    test(`M1: also over a long time, and where some goes to everyone (SEED=${seed})`, async () => {
      const isOver = timeLimit()
      await fc.assert(
        fc.asyncProperty(allOperations, async (steps) => {
          if (isOver()) return
          await using opened = await open(BOUNDS)
          const run = new Run(opened.store, 'run', BOUNDS)
          await doAll(run, steps)
          const { said, expected } = await run.everything()
          expect(said).toEqual(expected)
        }),
        { seed, numRuns: LONG_RUNS },
      )
    })

    test(`M1: many at once are each told what is theirs (SEED=${seed})`, async () => {
      await using opened = await open(BOUNDS)
      const { store } = opened
      const drawn = fc.sample(ownOperations, { seed, numRuns: RUNS_AT_ONCE })
      const runs = numbers(1, RUNS_AT_ONCE).map((number) => new Run(store, `run-${number}`, BOUNDS))
      await Promise.all(
        runs.map((run, index) => {
          // Those that work at once have one clock, as far as the keys that expire are concerned.
          const steps = drawn[index]?.map((operation) => ({
            ...operation,
            pauseMs: Math.min(operation.pauseMs, 1_000),
          }))
          return doAll(run, steps ?? [])
        }),
      )
      for (const run of runs) {
        const { said, expected } = await run.everything()
        expect(said).toEqual(expected)
      }
    })
  })
}
