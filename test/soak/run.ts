import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import Database from 'better-sqlite3'
import * as z from 'zod/mini'
import { Child } from '../bench/child.js'
import { TemporaryFolder } from '../bench/service-process.js'
import { BreakingProxy, type Breakage } from './breaking-proxy.js'
import { Gathered, Status, type CrowdOptions, type Order } from './messages.js'
import { takeSample, type Sample } from './samples.js'
import { SoakService } from './soak-service.js'

const CROWD = new URL('crowd/main.ts', import.meta.url).href
const CROWDS = 2

/** The share of a run in which one process serves without a restart: there it must stay as it is. */
const LONG_LIFE_SHARE = 0.6

/** Restarts after that: about one for each of so many milliseconds, and not too many. */
const RESTART_MS = 60_000
const MAX_RESTARTS = 30

/** How long everything may take to be where it should be, once nothing more is sent, in milliseconds … */
const SETTLE_MS = 180_000
/** … and where something is broken on purpose, so that it never will be. */
const BROKEN_SETTLE_MS = 10_000

export interface SoakOptions {
  minutes: number
  sockets: number
  seed: number
  /** Something between the service and its devices that breaks what comes through, to see that it is noticed. */
  breakage: Breakage | undefined
  progress: (line: string) => void
}

export interface SoakResult {
  /** Of the long life. */
  samples: Sample[]
  tally: Record<string, number>
  violations: string[]
}

/** Runs a soak from its beginning to its end; nothing that it made or started is left when it resolves. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { minutes, progress } = options
  using folder = new TemporaryFolder()
  const soak = new Soak(options, folder.database)
  try {
    await soak.start()
    const length = minutes * 60_000
    progress(`one life of ${Math.round((length * LONG_LIFE_SHARE) / 1_000)} s`)
    const samples = await soak.live(length * LONG_LIFE_SHARE)
    const left = length * (1 - LONG_LIFE_SHARE)
    const restarts = Math.min(MAX_RESTARTS, Math.max(1, Math.round(left / RESTART_MS)))
    for (let index = 0; index < restarts; index++) {
      await soak.restart(index % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
      await soak.live(left / restarts)
    }
    progress('settling')
    const { tally, violations } = await soak.settle()
    return { samples, tally, violations }
  } finally {
    await soak.end()
  }
}

class Soak {
  readonly #options: SoakOptions
  readonly #database: string
  readonly #secret = randomBytes(32).toString('base64url')
  readonly #crowds: Child[] = []
  #service: SoakService | undefined
  #proxy: BreakingProxy | undefined
  readonly #complaints: string[] = []
  /** Violations that were told as they came. */
  readonly #told = new Set<string>()

  constructor(options: SoakOptions, database: string) {
    this.#options = options
    this.#database = database
  }

  async start(): Promise<void> {
    await this.#serve()
    for (let index = 0; index < CROWDS; index++) {
      this.#crowds.push(Child.fork(CROWD, this.#crowdOptions(index)))
    }
    this.#tellWhere()
    await Promise.all(this.#crowds.map((crowd) => crowd.next(Gathered)))
  }

  /** Lets all go on for so long, and looks at the service meanwhile. */
  async live(milliseconds: number): Promise<Sample[]> {
    const service = this.#running()
    const begun = performance.now()
    const samples: Sample[] = []
    const every = Math.max(500, Math.min(5_000, milliseconds / 60))
    while (performance.now() - begun < milliseconds) {
      await wait(Math.min(every, milliseconds))
      const statuses = await this.#ask({ kind: 'status' }, 'status')
      const sockets = statuses.reduce((sum, status) => sum + status.sockets, 0)
      const place = { pid: service.pid, url: service.url, database: this.#database }
      samples.push(await takeSample(place, { sockets, begun: service.begun }))
      this.#report(statuses, samples)
    }
    return samples
  }

  async restart(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const begun = performance.now()
    await this.#running().stop(signal)
    await this.#serve()
    this.#tellWhere()
    this.#options.progress(
      `${signal}; there again after ${Math.round(performance.now() - begun)} ms`,
    )
  }

  async settle(): Promise<{ tally: Record<string, number>; violations: string[] }> {
    const milliseconds = this.#options.breakage ? BROKEN_SETTLE_MS : SETTLE_MS
    await this.#ask({ kind: 'settle', milliseconds }, 'settled')
    await this.#running().stop('SIGTERM')
    const audited = await this.#ask({ kind: 'audit', database: this.#database }, 'audited')
    const tally: Record<string, number> = {}
    for (const status of audited) {
      for (const [what, times] of Object.entries(status.tally))
        tally[what] = (tally[what] ?? 0) + times
    }
    return {
      tally,
      violations: [
        ...audited.flatMap(({ violations }) => violations),
        ...this.#complaints,
        ...unsound(this.#database),
      ],
    }
  }

  async end(): Promise<void> {
    for (const crowd of this.#crowds) await crowd[Symbol.asyncDispose]()
    await this.#service?.stop('SIGKILL')
    await this.#proxy?.[Symbol.asyncDispose]()
  }

  async #serve(): Promise<void> {
    await this.#proxy?.[Symbol.asyncDispose]()
    this.#service = await SoakService.start(this.#database, this.#secret, (line) => {
      this.#complaints.push(`the service: ${line}`)
      this.#options.progress(`WRONG: the service: ${line}`)
    })
    const { breakage } = this.#options
    if (breakage) this.#proxy = await BreakingProxy.start(this.#service.url, breakage)
  }

  #running(): SoakService {
    if (!this.#service) throw new Error('the service is not there')
    return this.#service
  }

  #tellWhere(): void {
    const { url } = this.#proxy ?? this.#running()
    for (const crowd of this.#crowds) crowd.send({ kind: 'up', url } satisfies Order)
  }

  #ask(order: Order, kind: Status['kind']): Promise<Status[]> {
    const Answer = z.extend(Status, { kind: z.literal(kind) })
    return Promise.all(
      this.#crowds.map((crowd) => {
        crowd.send(order)
        return crowd.next(Answer)
      }),
    )
  }

  #crowdOptions(index: number): CrowdOptions {
    const { minutes, sockets, seed } = this.#options
    const isShort = minutes < 1
    const part = sockets / CROWDS
    return {
      secret: this.#secret,
      name: `crowd${index}`,
      seed: seed * CROWDS + index,
      users: Math.ceil(part / 2),
      // Some are away at any time.
      devices: Math.ceil(part * 1.24),
      perSecond: Math.max(isShort ? 60 : 20, sockets / 50) / CROWDS,
      dwellMs: isShort ? 5_000 : 60_000,
      stallMs: isShort ? [500, 2_000] : [1_000, 20_000],
      ttlSeconds: isShort ? [1, 5] : [2, 60],
      aheadSeconds: isShort ? [1, 3] : [2, 60],
      // The warning comes a minute before the end.
      tokenSeconds: isShort ? [61, 65] : [65, 180],
    }
  }

  #report(statuses: readonly Status[], samples: readonly Sample[]): void {
    for (const violation of statuses.flatMap(({ violations }) => violations)) {
      if (this.#told.has(violation)) continue
      this.#told.add(violation)
      this.#options.progress(`WRONG: ${violation}`)
    }
    const last = samples.at(-1)
    if (!last || samples.length % 12 !== 0) return
    const count = (what: string): number =>
      statuses.reduce((sum, { tally }) => sum + (tally[what] ?? 0), 0)
    this.#options.progress(
      `${Math.round(last.at / 1_000)} s: ${last.sockets} sockets, ${count('connections')} so far, ` +
        `${count('sends accepted')} sends, ${count('notifications')} notifications, ${count('marks')} marks, ` +
        `RSS ${Math.round(last.resident / 1024 / 1024)} MiB, healthz ${last.healthMs.toFixed(1)} ms`,
    )
  }
}

/** What SQLite itself finds wrong with a database. */
function unsound(path: string): string[] {
  const connection = new Database(path, { readonly: true })
  try {
    const found = [
      ...z.array(z.unknown()).parse(connection.pragma('integrity_check')),
      ...z.array(z.unknown()).parse(connection.pragma('foreign_key_check')),
    ].map((row) => JSON.stringify(row))
    return found.filter((row) => row !== '{"integrity_check":"ok"}').map((row) => `on disk: ${row}`)
  } finally {
    connection.close()
  }
}
