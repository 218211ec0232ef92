import { Client } from 'pg'
import * as z from 'zod/mini'
import { startCluster, type Cluster } from './cluster-process.js'
import { Child } from './child.js'
import { cpuMillisecondsOfFamily } from './cpu-time.js'
import { Ready, RunReport, type Entry, type LoadOptions } from './messages.js'
import { compareLogs, shorten } from './oracle.js'
import { asDurations, median, type ScenarioContext, type ScenarioResult } from './rounds.js'
import { TemporaryFolder } from './service-process.js'

/** What is measured on each number of nodes. */
interface Part {
  name: 'accept' | 'live' | 'topic' | 'replay'
  operation: string
  loadFile: string
  users: number
  /** Callers of each node. */
  callers: number
  /** Notifications that each device misses, where the load has devices come back. */
  missed?: number
}

const NODES = [1, 2, 3]

/**
 * `nodes`: accept, live, topic and replay with one, two and three nodes over one PostgreSQL. On a small machine more nodes are no
 * faster, since they share its processors: what can be judged is how much processor time a notification takes of the nodes, which
 * grow in number, and of PostgreSQL, which does not. The floor is one node, measured beside the others in the same run.
 */
export async function nodes(context: ScenarioContext): Promise<ScenarioResult[]> {
  const { devices, missed } = context.effort
  const users = Math.min(1_000, devices)
  const parts: Part[] = [
    {
      name: 'accept',
      operation: 'a POST answered 201, on disk',
      loadFile: 'load/accept-load.ts',
      users: 5_000,
      callers: 64,
    },
    {
      name: 'live',
      operation: 'a POST that reached its device, on any node',
      loadFile: 'load/live-load.ts',
      users,
      callers: 64,
    },
    {
      name: 'topic',
      operation: 'a POST to a topic until the last connected subscriber has it',
      loadFile: 'load/topic-load.ts',
      users: Math.min(3_000, devices),
      callers: 0,
    },
    {
      name: 'replay',
      operation: 'a notification that a device has missed which comes back',
      loadFile: 'load/replay-load.ts',
      users,
      callers: 1,
      missed: missed.byEach,
    },
  ]
  const results: ScenarioResult[] = []
  for (const part of parts) results.push(...(await measurePart(part, context)))
  return results
}

async function measurePart(part: Part, context: ScenarioContext): Promise<ScenarioResult[]> {
  let one: Figures | undefined
  const results: ScenarioResult[] = []
  for (const count of NODES) {
    const figures = await measureNodes(part, count, context)
    one ??= figures
    results.push(resultOf(part, count, figures, one))
  }
  return results
}

/** Medians of the rounds; processor time in microseconds for each operation. */
interface Figures {
  perSecond: number
  nodeCpu: number
  postgresCpu: number
  violations: string[]
}

async function measureNodes(
  part: Part,
  count: number,
  { effort, progress }: ScenarioContext,
): Promise<Figures> {
  using folder = new TemporaryFolder()
  await using cluster = await startCluster(folder, count)
  const { urls, secret } = cluster
  const [url = '', ...others] = urls
  const { users, callers, missed } = part
  // As many at each node: what comes at once shares a commit, and fewer would share it less.
  const connections = callers * count
  const options = { url, others, secret, users, connections, ...(missed && { missed }) }
  const { rounds, accepted, violations } = await drive(part, options, cluster, effort)
  const figures = {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    nodeCpu: median(rounds.map(({ nodeCpu }) => nodeCpu)),
    postgresCpu: median(rounds.map(({ postgresCpu }) => postgresCpu)),
  }
  progress(
    `  ${part.name}, ${count} of ${NODES.length} nodes: ${figures.perSecond.toFixed(1)}/s, ${figures.nodeCpu.toFixed(0)} µs of the nodes, ${figures.postgresCpu.toFixed(0)} µs of PostgreSQL`,
  )
  const wrong = await wrongOnDisk(part, cluster, accepted)
  return { ...figures, violations: [...violations, ...wrong] }
}

/** One load over all nodes, run by run. */
async function drive(
  { loadFile, missed }: Part,
  options: LoadOptions & { missed?: number },
  cluster: Cluster,
  { rounds: wanted, warmUpMs, runMs }: ScenarioContext['effort'],
) {
  await using load = Child.fork(loadFile, options)
  await load.next(Ready)
  const accepted: Entry[] = []
  const violations: string[] = []
  const rounds: Pick<Figures, 'perSecond' | 'nodeCpu' | 'postgresCpu'>[] = []
  for (let index = 0; index <= wanted; index++) {
    if (missed !== undefined) {
      load.send({ kind: 'prepare' })
      await load.next(Ready)
    }
    const before = cpuOf(cluster)
    load.send({ kind: 'run', milliseconds: index === 0 ? warmUpMs : runMs })
    const { operations, milliseconds, ...report } = await load.next(RunReport)
    const after = cpuOf(cluster)
    for (const entry of report.accepted) accepted.push(entry)
    violations.push(...shorten(report.violations))
    // The first one warms up.
    if (index === 0) continue
    const each = (key: 'nodes' | 'postgres'): number =>
      ((after[key] - before[key]) * 1_000) / operations
    rounds.push({
      perSecond: (operations / milliseconds) * 1_000,
      nodeCpu: each('nodes'),
      postgresCpu: each('postgres'),
    })
  }
  return { rounds, accepted, violations }
}

/** Milliseconds of processor time that were used so far; nothing where the system doesn't tell. */
function cpuOf({ nodes, postgres }: Cluster): { nodes: number; postgres: number } {
  return { nodes: cpuOfAll(nodes.map(({ pid }) => pid)), postgres: cpuOfAll([postgres.pid]) }
}

function cpuOfAll(pids: readonly (number | undefined)[]): number {
  return pids.reduce<number>((total, pid) => total + (cpuMillisecondsOfFamily(pid) ?? 0), 0)
}

const EntryRow = z.object({ user: z.string(), seq: z.string(), id: z.string() })
const CountRow = z.object({ count: z.string() })

/** What the database holds otherwise than the senders were told, and the devices have acknowledged. */
async function wrongOnDisk(
  { name }: Part,
  { postgres }: Cluster,
  accepted: readonly Entry[],
): Promise<string[]> {
  const client = new Client({ connectionString: postgres.url('postgres') })
  await client.connect()
  try {
    if (name === 'accept') {
      const { rows } = await client.query<object>(
        `SELECT users.name AS user, inbox.seq AS seq, notifications.uuid AS id
         FROM inbox JOIN users ON users.id = inbox.user_id
         JOIN notifications ON notifications.id = inbox.notification ORDER BY inbox.user_id, inbox.seq`,
      )
      const stored = rows.map((row): Entry => {
        const { user, seq, id } = EntryRow.parse(row)
        return [user, Number(seq), id]
      })
      return compareLogs(accepted, stored).map((line) => `on disk: ${line}`)
    }
    const { rows } = await client.query<object>(
      `SELECT count(*) AS count FROM devices JOIN inbox ON inbox.user_id = devices.user_id
       LEFT JOIN deliveries
         ON deliveries.notification = inbox.notification AND deliveries.device = devices.id
       WHERE deliveries.device IS NULL OR devices.cursor < inbox.seq`,
    )
    const { count } = CountRow.parse(rows[0])
    return count === '0' ? [] : [`on disk: ${count} deliveries are not recorded`]
  } finally {
    await client.end()
  }
}

function resultOf(part: Part, count: number, figures: Figures, one: Figures): ScenarioResult {
  const measurementOf = ({ perSecond, nodeCpu, postgresCpu }: Figures) => ({
    value: perSecond,
    cpuMicroseconds: nodeCpu + postgresCpu,
    latency: undefined,
  })
  const compared = {
    service: measurementOf(figures),
    floor: measurementOf(one),
    ratio: figures.perSecond / one.perSecond,
  }
  const { nodeCpu, postgresCpu, violations } = figures
  return {
    name: `${part.name} on ${count}`,
    operation: `${part.operation}; ${count} ${count === 1 ? 'node' : 'nodes'} over PostgreSQL, floor: one`,
    goal: undefined,
    alarm: undefined,
    syncMs: undefined,
    others: undefined,
    ...(part.name === 'topic' ? asDurations(compared) : compared),
    notes: [`nodes ${nodeCpu.toFixed(0)} µs, PostgreSQL ${postgresCpu.toFixed(0)} µs for each`],
    violations,
  }
}
