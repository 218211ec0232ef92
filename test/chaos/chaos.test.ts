import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { drawSeed } from '../random.js'
import { Load } from './load.js'
import { violations } from './oracle.js'
import { buses, Stage, type BusName } from './stage.js'

// Three real nodes over a real PostgreSQL, under load, and what goes wrong in a machine room. Each test ends with the same question
// to the oracle: whether anything that was accepted is lost, doubled or out of order anywhere.

/** How soon after a repair everybody must have everything, in milliseconds. */
const LEVEL_MS = 10_000

/** How long a node stands still, in milliseconds: longer than its leases run. `PAUSE_MS=60000` makes it the whole minute. */
const PAUSE_MS = Number(process.env['PAUSE_MS'] ?? 15_000)

/** What is accepted while a fault lasts, and before and after it. */
const SOME = 150

const PATIENCE_MS = 120_000 + 2 * PAUSE_MS

const seed = drawSeed()

/** What is to be said of a run after its fault. */
const UNHARMED: { violations: string[]; isLevelInTime: boolean; ready: string[] } = {
  violations: [],
  isLevelInTime: true,
  ready: ['node-1', 'node-2', 'node-3'],
}

/** Runs a fault under load, and asks the oracle. */
async function after(
  bus: BusName,
  fault: (stage: Stage, load: Load) => Promise<void>,
): Promise<typeof UNHARMED> {
  await using stage = await Stage.open(bus)
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') tellLogs(stage)
  })
  await using load = await Load.begin({ url: stage.cluster.url, seed })
  await load.more(SOME)
  await fault(stage, load)
  const took = await load.level()
  await load.more(SOME)
  const history = await load.end()
  const { accepted, connections } = history
  console.info(
    `${accepted.length} accepted, ${connections.length} connections, level after ${Math.round(took)} ms`,
  )
  return {
    violations: violations(history),
    isLevelInTime: took < LEVEL_MS,
    ready: await readyIn(stage),
  }
}

/** Who is ready: a node that has lost its connections looks once a second whether the database answers again. */
async function readyIn({ cluster }: Stage): Promise<string[]> {
  const patience = performance.now() + LEVEL_MS
  for (;;) {
    const ready = await cluster.askWhoIsReady()
    if (ready.length === cluster.names.length || performance.now() > patience) return ready
    await wait(100)
  }
}

/** What the nodes complained of. */
function tellLogs({ cluster }: Stage): void {
  for (const name of cluster.names) {
    const { log, errors } = cluster.node(name)
    const complaints = log.filter(({ level }) => level === 'error' || level === 'warn')
    console.info(name, errors, complaints.slice(0, 10))
  }
}

describe.each(buses)(`three nodes, woken by %s, seed ${seed}, lose nothing`, (bus) => {
  test(
    'while each of them is killed in turn',
    async () => {
      const end = await after(bus, async ({ cluster }, load) => {
        for (const name of cluster.names) {
          await cluster.kill(name)
          await load.more(SOME)
          await cluster.start(name)
        }
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while all of them are killed at once',
    async () => {
      const end = await after(bus, async ({ cluster }) => {
        await Promise.all(cluster.names.map((name) => cluster.kill(name)))
        await Promise.all(cluster.names.map((name) => cluster.start(name)))
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while one of them is cut off from the bus',
    async () => {
      const end = await after(bus, async (stage, load) => {
        const link = stage.link('node-2')
        expect(link.cut()).toBeGreaterThan(0)
        await load.more(2 * SOME)
        link.mend()
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while one of them hears nothing of the bus, and is not told so',
    async () => {
      const end = await after(bus, async (stage, load) => {
        const link = stage.link('node-2')
        expect(link.silence()).toBeGreaterThan(0)
        await load.more(2 * SOME)
        link.mend()
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while PostgreSQL ends in the middle of everything and comes back',
    async () => {
      const end = await after(bus, async ({ postgres }, load) => {
        await postgres.stop('immediate')
        await postgres.start()
        await load.more(SOME)
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while one of them stands still for longer than its leases run',
    async () => {
      const end = await after(bus, async ({ cluster }, load) => {
        const node = cluster.node('node-1')
        node.signal('SIGSTOP')
        // The fault itself takes so long: no event ends it.
        await wait(PAUSE_MS)
        await load.more(SOME)
        node.signal('SIGCONT')
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while one is upgraded after the other, and a killed one comes back meanwhile',
    async () => {
      const end = await after(bus, async ({ cluster }, load) => {
        await cluster.kill('node-3')
        await Promise.all([cluster.stop('node-1'), cluster.start('node-3')])
        await load.more(SOME)
        await Promise.all([cluster.start('node-1'), cluster.stop('node-2')])
        await cluster.start('node-2')
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )
})

describe.runIf(buses.includes('redis'))(`three nodes, seed ${seed}, lose nothing`, () => {
  test(
    'while Redis is gone and comes back',
    async () => {
      const end = await after('redis', async ({ redis }, load) => {
        await redis?.stop()
        await load.more(2 * SOME)
        await redis?.start()
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )

  test(
    'while Redis takes everything and answers nothing',
    async () => {
      const end = await after('redis', async ({ redis }, load) => {
        redis?.pause()
        await load.more(2 * SOME)
        redis?.resume()
      })
      expect(end).toEqual(UNHARMED)
    },
    PATIENCE_MS,
  )
})
