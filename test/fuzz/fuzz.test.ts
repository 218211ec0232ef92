import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../harness.js'
import { mebibytes } from '../memory.js'
import { ServiceProcess } from '../process.js'
import { drawSeed } from '../random.js'
import { ALLOWED_BYTES, fillPageCache, Growth, measured } from './growth.js'
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
  // The heap holds twice what the service needs here, in MiB: what runs away soon ends the process.
  ...measured('--max-old-space-size=32 --max-semi-space-size=2'),
  ALLOWED_ORIGINS: 'http://localhost',
  // What is put off until later is not tried.
  USER_REQUESTS_PER_SECOND: '0',
}

test(
  'takes whatever comes: no crash, no 5xx, no answer outside the contract, and memory stays flat',
  async () => {
    const seed = drawSeed()
    console.info(`fuzz: SEED=${seed} FUZZ_RUNS=${RUNS}`)
    using folder = temporaryFolder()
    await using service = await ServiceProcess.start(join(folder.path, 'posthorn.db'), SETTINGS)
    const { api } = service
    let end: string | undefined
    void service.exited.then(({ code, signal }) => {
      end = `the service ended with ${code ?? signal}: ${service.errors}`
    })
    const tally = new Tally()
    const growth = new Growth(service)
    await fillPageCache(api)
    await growth.look()
    {
      await using pool = new KeepAlivePool(api.url)
      for (let round = 0; round < ROUNDS; round++) {
        const context = { seed: (seed + Math.imul(round, 0x85ebca6b)) | 0, tally, ended: () => end }
        const target = { url: api.url, people: await makePeople(round), pool }
        await stormOfAllKinds(target, context, RUNS / ROUNDS)
        await growth.look()
      }
    }
    const { held, grown } = growth
    console.info(
      `fuzz: ${tally.toString()}; held: ${held.map(mebibytes).join(', ')}` +
        `; from the middle to the end ${mebibytes(grown)} of ${mebibytes(ALLOWED_BYTES)}`,
    )
    expect(grown).toBeLessThan(RUNS < RUNS_THAT_WARM_UP ? Infinity : ALLOWED_BYTES)

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
