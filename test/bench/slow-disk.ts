import { randomBytes } from 'node:crypto'
import { Child } from './child.js'
import { Ready, type LoadOptions, type RunReport } from './messages.js'
import { compareLogs } from './oracle.js'
import { measureRounds, median, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'
import { storedEntries } from './stored.js'
import { metricsToken } from './tokens.js'

const LOAD = { users: 5_000, connections: 256 }
/** As `slow-commits.mjs` has it. */
const DELAY_MS = 5

const SLOW_COMMITS = new URL('slow-commits.mjs', import.meta.url)

/**
 * `slow-disk`: notifications accepted a second where each commit takes 5 ms more than the disk needs; the floor is the same service
 * without. The event loop waits for no disk: its delay must be the same.
 */
export async function slowDisk(context: ScenarioContext): Promise<ScenarioResult> {
  using slowFolder = new TemporaryFolder()
  using folder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const measure = async () => {
    const slow = await startSide(slowFolder, secret, { preload: SLOW_COMMITS })
    await using slowServer = slow.server
    await using slowLoad = slow.load
    const plain = await startSide(folder, secret, {})
    await using plainServer = plain.server
    await using plainLoad = plain.load
    const seen = { slow: slow.seen, plain: plain.seen }
    const sides = {
      service: { server: slowServer, load: slowLoad, around: slow.around },
      floor: { server: plainServer, load: plainLoad, around: plain.around },
    }
    return { seen, ...(await measureRounds(sides, context, slowFolder.path)) }
  }
  const { accepted, violations, seen, ...figures } = await measure()
  context.progress(`  looking for ${accepted.length} notifications on disk`)
  const onDisk = compareLogs(accepted, storedEntries(slowFolder.database))
  const [slow, plain] = [seen.slow, seen.plain].map(({ delays }) => median(delays).toFixed(1))
  const commitMs = median(seen.slow.commits)
  return {
    name: 'slow-disk',
    operation: 'a POST answered 201 where each commit takes 5 ms more; floor: where not',
    goal: 0.7,
    alarm: undefined,
    ...figures,
    notes: [`99 in 100 turns of the event loop are late by up to ${slow} ms; floor: ${plain} ms`],
    violations: [
      ...violations,
      ...onDisk.map((line) => `on disk: ${line}`),
      ...(commitMs >= DELAY_MS ? [] : [`commits took ${commitMs} ms: they were not slow`]),
    ],
  }
}

/** A service and its load; gathers, run by run, how late the event loop came to its work and how long commits took, in milliseconds. */
async function startSide(folder: TemporaryFolder, secret: string, options: { preload?: URL }) {
  const { child: server, url } = await startService(folder, secret, options)
  const load = Child.fork('load/accept-load.ts', { url, secret, ...LOAD } satisfies LoadOptions)
  await load.next(Ready)
  const token = await metricsToken(secret)
  const seen: Seen = { delays: [], commits: [] }
  const around = async (run: () => Promise<RunReport>): Promise<RunReport> => {
    // A reading shows what was since the last one that began a window.
    await measured(url, token)
    const report = await run()
    const { delayMs, commitMs } = await measured(url, token)
    seen.delays.push(delayMs)
    seen.commits.push(commitMs)
    return report
  }
  return { server, load, seen, around }
}

interface Seen {
  delays: number[]
  commits: number[]
}

/** How late one in a hundred turns of the event loop is at most, and how long a commit takes on average, in milliseconds. */
async function measured(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const metrics = await (await fetch(new URL('/metrics', url), { headers })).text()
  const value = (name: string): number => {
    const line = metrics.split('\n').find((text) => text.startsWith(`posthorn_${name} `))
    return Number(line?.split(' ')[1])
  }
  const commitSeconds = value('store_commit_seconds_sum') / value('store_commit_seconds_count')
  return {
    delayMs: value('event_loop_delay_seconds{percentile="99"}') * 1_000,
    commitMs: commitSeconds * 1_000,
  }
}
