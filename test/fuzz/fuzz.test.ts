import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../harness.js'
import { mebibytes } from '../memory.js'
import { ServiceProcess } from '../process.js'
import { drawSeed } from '../random.js'
import { Growth } from './growth.js'
import { KeepAlivePool } from './keep-alive.js'
import { stormOfAllKinds } from './kinds.js'
import { makePeople } from './people.js'
import { Tally } from './storm.js'

/** Bodies and frames together; what else is tried comes on top. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 100_000)
const ROUNDS = 10
/** With fewer, memory is told of and not judged: it is still growing to the size that this load needs. */
const RUNS_THAT_WARM_UP = 20_000

const SETTINGS = {
  // A heap with much room hides what is never given back. This one holds twice what the service needs here, in MiB: a leak
  // soon ends the process.
  NODE_OPTIONS: '--max-old-space-size=32 --max-semi-space-size=2',
  ALLOWED_ORIGINS: 'http://localhost',
}

test(
  'takes whatever comes: no crash, no 5xx, no answer outside the contract, and memory stays flat',
  async () => {
    const seed = drawSeed()
    console.info(`fuzz: SEED=${seed} FUZZ_RUNS=${RUNS}`)
    using folder = temporaryFolder()
    const databasePath = join(folder.path, 'posthorn.db')
    await using service = await ServiceProcess.start(databasePath, SETTINGS)
    const { api } = service
    let end: string | undefined
    void service.exited.then(({ code, signal }) => {
      end = `the service ended with ${code ?? signal}: ${service.errors}`
    })
    const tally = new Tally()
    const growth = new Growth(service.pid, databasePath)
    growth.look()
    {
      await using pool = new KeepAlivePool(api.url)
      for (let round = 0; round < ROUNDS; round++) {
        const context = { seed: (seed + Math.imul(round, 0x85ebca6b)) | 0, tally, ended: () => end }
        const target = { url: api.url, people: await makePeople(round), pool }
        await stormOfAllKinds(target, context, RUNS / ROUNDS)
        growth.look()
      }
    }
    const { grown, allowed } = growth.measure()
    console.info(
      `fuzz: ${tally.toString()}; resident: ${growth.resident.map(mebibytes).join(', ')}` +
        `; from the middle to the end ${mebibytes(grown)} of ${mebibytes(allowed)}`,
    )
    expect(grown).toBeLessThan(RUNS < RUNS_THAT_WARM_UP ? Infinity : allowed)

    // The same process goes on as if nothing had been.
    expect(end).toBeUndefined()
    expect((await api.request('/readyz')).status).toBe(200)
    await using client = await api.connect('alice')
    await client.first('caught_up')
    await api.send('alice', 'after the storm')
    await client.received(1)
    expect(client.titles).toEqual(['after the storm'])

    service.signal('SIGTERM')
    expect(await service.exited).toEqual({ code: 0, signal: null })
    // What Node itself warns of, as of listeners that pile up, goes to standard error.
    expect(service.errors).toBe('')
    expect(service.log.filter(({ level }) => level !== 'info')).toEqual([])
  },
  120_000 + RUNS * 5,
)
