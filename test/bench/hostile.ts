import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from './child.js'
import { Attack, AttackReport, Ready, type RunReport } from './messages.js'
import { measureRounds, type ScenarioContext, type ScenarioResult, type Side } from './rounds.js'
import { startService, TemporaryFolder } from './service-process.js'
import { rowsOf } from './stored.js'
import { senderToken } from './tokens.js'

/** Users who are sent to, each with a connected device, and requests under way at most. */
const OTHERS = { users: 200, connections: 64 }

/** What the hostile user has: an inbox that is full. */
const ENTRIES = 1_000
const PER_BATCH = 500

/** What one user may have, by default. */
const MAX_DEVICES = 50
const MAX_TOPICS = 200

/** How long it may take until what is too much is gone, and how often that is looked for, in milliseconds. */
const SETTLE_MS = 30_000
const LOOK_MS = 250

const MEBIBYTE = 1024 * 1024

/**
 * `hostile`: what other users pay while one with a valid token does its worst. The same service and the same load, at a
 * steady pace, are measured with and without it; each kind of harm is a row, with what it has left on the disk.
 */
export async function hostile(context: ScenarioContext): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = []
  for (const attack of Attack.options) results.push(await measure(attack, context))
  return results
}

async function measure(attack: Attack, context: ScenarioContext): Promise<ScenarioResult> {
  context.progress(`  ${attack}`)
  using folder = new TemporaryFolder()
  const secret = randomBytes(32).toString('base64url')
  const { child, url } = await startService(folder, secret)
  await using server = child
  await using load = Child.fork('load/others-load.ts', { url, secret, ...OTHERS })
  await load.next(Ready)
  const user = 'mallory'
  await fill(url, await senderToken(secret), user)
  await using enemy = Child.fork('load/hostile-load.ts', { url, secret, user, attack })
  await enemy.next(Ready)

  const growth = { attacked: new Growth(folder.database), calm: new Growth(folder.database) }
  let [done, refused] = [0, 0]
  const around = async (run: () => Promise<RunReport>): Promise<RunReport> =>
    growth.attacked.during(async () => {
      enemy.send({ kind: 'run', milliseconds: context.effort.runMs })
      const report = await run()
      const attacked = await enemy.next(AttackReport)
      done += attacked.done
      refused += attacked.refused
      return report
    })
  const attacked: Side = { server, load, around }
  const calm: Side = { server, load, around: (run) => growth.calm.during(run) }
  const sides = { service: attacked, floor: calm }
  const { accepted: _accepted, ...measured } = await measureRounds(sides, context, folder.path)
  const { rows, excess } = await settledRows(folder.database, user)
  const perSecond = (count: number): number =>
    Math.round((count / growth.attacked.milliseconds) * 1_000)
  return {
    name: `hostile: ${attack}`,
    operation:
      `a notification that reached its device while another user did ${perSecond(done)} of these a second and was refused ` +
      `${perSecond(refused)}; floor: while not.\n  Database: ${growth.attacked.perMinute} MiB a minute more, ` +
      `${growth.calm.perMinute} while not; write-ahead log: up to ${growth.attacked.longestLog} MiB; ` +
      `its rows: ${JSON.stringify(rows)}`,
    goal: 0.8,
    alarm: undefined,
    ...measured,
    violations: [...measured.violations, ...excess],
  }
}

/** What is left of an attack, once what was taken away is gone, and what of that is more than a user may have. */
async function settledRows(database: string, user: string) {
  const deadline = performance.now() + SETTLE_MS
  for (;;) {
    const rows = rowsOf(database, user)
    const excess = [
      ...(rows.entries > ENTRIES ? [`${rows.entries} entries`] : []),
      ...(rows.devices > MAX_DEVICES ? [`${rows.devices} devices`] : []),
      ...(rows.topics > MAX_TOPICS ? [`${rows.topics} topics`] : []),
      ...(rows.deliveries > rows.devices * rows.entries ? [`${rows.deliveries} deliveries`] : []),
    ]
    if (excess.length === 0 || performance.now() > deadline) return { rows, excess }
    await wait(LOOK_MS)
  }
}

/** By how much a database grew while something was done, and how long its write-ahead log was, which is used again and again. */
class Growth {
  milliseconds = 0
  readonly #database: string
  #bytes = 0
  #logBytes = 0

  constructor(database: string) {
    this.#database = database
  }

  async during(act: () => Promise<RunReport>): Promise<RunReport> {
    const before = sizeOf(this.#database)
    const report = await act()
    this.#bytes += sizeOf(this.#database) - before
    this.#logBytes = Math.max(this.#logBytes, sizeOf(`${this.#database}-wal`))
    this.milliseconds += report.milliseconds
    return report
  }

  /** In MiB. */
  get perMinute(): string {
    return ((this.#bytes / MEBIBYTE / this.milliseconds) * 60_000).toFixed(1)
  }

  /** In MiB. */
  get longestLog(): string {
    return (this.#logBytes / MEBIBYTE).toFixed(1)
  }
}

async function fill(url: string, token: string, user: string): Promise<void> {
  for (let from = 0; from < ENTRIES; from += PER_BATCH) {
    const items = Array.from({ length: PER_BATCH }, (_, index) => {
      return { to: { user }, type: 'bench', title: String(from + index) }
    })
    const response = await fetch(new URL('/v1/notifications/batch', url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ items }),
    })
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    await response.text()
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}
