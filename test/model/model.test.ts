import * as fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { drawSeed } from '../random.js'
import { asking } from './asking.js'
import { connections } from './connecting.js'
import { expectEnd } from './ending.js'
import { Host } from './host.js'
import { marking } from './marking.js'
import { Model } from './model.js'
import { reading } from './reading.js'
import { recalling } from './recalling.js'
import { removing } from './removing.js'
import { sending } from './sending.js'
import { done } from './step.js'
import { stopping } from './stopping.js'
import { waiting } from './waiting.js'
import { loseSomePatience } from './within.js'
import { World } from './world.js'

/** Ten thousand by `npm run model`. */
const RUNS = Number(process.env['MODEL_RUNS'] ?? 150)

/** After so many runs a line tells how far it is. */
const TOLD_RUNS = 1_000

/** In milliseconds; a search for the fewest commands ends then with the fewest that were found. */
const TIME_LIMIT_MS = 60_000 + RUNS * 1_000

/** What must have been done, or told, at least once in many runs: what never comes tests nothing. */
const KINDS = [
  'gap',
  'notification',
  'updated',
  'removed as recalled',
  'removed as expired',
  'expired',
  'gave way',
  'recall',
  'recall by another service',
  'recall what is scheduled',
  'fired to users',
  'fired to many',
  'days pass',
  'told of as delivered',
  'told of as pending',
  'told of as skipped',
  'told of as replaced',
  'told of as recalled',
  'told of as expired',
  'told of as removed',
  'schedule to topic',
  'send to topic',
  'subscribe',
  'unsubscribe',
  'remove a device',
]
const MANY_RUNS = 150

const host = new Host()
afterAll(() => host[Symbol.asyncDispose]())

const steps = fc.commands(
  [
    fc.oneof(
      { weight: 60, arbitrary: sending },
      { weight: 70, arbitrary: connections },
      { weight: 120, arbitrary: reading },
      { weight: 60, arbitrary: marking },
      { weight: 20, arbitrary: asking },
      { weight: 45, arbitrary: waiting },
      { weight: 20, arbitrary: recalling },
      { weight: 6, arbitrary: removing },
      { weight: 2, arbitrary: stopping },
    ),
  ],
  { maxCommands: 40, size: 'max' },
)

const seed = drawSeed()

// A failure shows the fewest commands that lead to it; the same SEED in the environment finds them again.
test(
  `every device gets what a small model says, whatever happens on the way (SEED=${seed}, ${RUNS} runs)`,
  async () => {
    let runs = 0
    const started = performance.now()
    await fc.assert(
      fc.asyncProperty(steps, async (steps) => {
        runs += 1
        if (runs % TOLD_RUNS === 0) console.info(`model: ${runs} runs, SEED=${seed}`)
        const world = await World.begin(host, `run-${runs}`)
        try {
          const model = new Model(host.inboxLimit)
          await fc.asyncModelRun(() => ({ model, real: world }), steps)
          await expectEnd(model, world)
        } catch (error) {
          loseSomePatience()
          throw error
        } finally {
          await world.end()
        }
      }),
      {
        seed,
        numRuns: RUNS,
        interruptAfterTimeLimit: TIME_LIMIT_MS,
        markInterruptAsFailure: true,
      },
    )
    const seconds = Math.round((performance.now() - started) / 1_000)
    const counts = [...done]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, count]) => `${kind} ${count}`)
    console.info(`model: ${runs} runs in ${seconds} s, SEED=${seed}\n  ${counts.join('\n  ')}`)
    expect(runs).toBeGreaterThanOrEqual(RUNS)
    const missing = KINDS.filter((kind) => !done.has(kind))
    expect(RUNS < MANY_RUNS ? [] : missing, 'what never happened').toEqual([])
  },
  TIME_LIMIT_MS + 60_000,
)
