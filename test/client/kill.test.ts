import { expect, test } from 'vitest'
import type { LogEntry } from './stage/backstage.js'
import { here } from './stage/here.js'
import type { Handed } from './stage/reader.js'
import type { Reader } from './stage/side.js'
import { Stage } from './stage/stage.js'
import type { Accepted } from './stage/storm.js'

const ROUNDS = 5
/** How many events each round hands over before somebody is killed. */
const EVENTS = 50

/** An application through its lives: what it was handed in each. */
class Lives {
  readonly #stage: Stage
  readonly lives: Handed[][] = []
  #reader: Reader | undefined
  /** Called after each event; the waiting look again. */
  #look: () => void = () => undefined

  constructor(stage: Stage) {
    this.#stage = stage
  }

  async begin(): Promise<void> {
    const life: Handed[] = []
    this.lives.push(life)
    this.#reader = await this.#stage.openReader((handed) => {
      life.push(handed)
      this.#look()
    })
  }

  /** The process is killed, the page is reloaded: nothing is said goodbye to. */
  async end(): Promise<void> {
    await this.#reader?.vanish()
    this.#reader = undefined
  }

  get handed(): Handed[] {
    return this.lives.flat()
  }

  /** Resolves when the application has taken so many events more. */
  more(count: number): Promise<void> {
    const enough = this.handed.length + count
    return this.until(() => this.handed.length >= enough)
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => (this.#look = resolve))
  }
}

test('hands over the latest change of everything that was accepted, none twice, while the service and the application are killed again and again', async () => {
  await using stage = await Stage.open()
  const application = new Lives(stage)
  let accepted: Accepted = { sent: [], recalled: [], read: [] }
  try {
    await application.begin()
    for (let round = 1; round <= ROUNDS; round++) {
      await stage.storm()
      await application.more(EVENTS)
      if (round % 3 === 0) {
        // Reloaded while the service goes on: what comes meanwhile, and what it was at, the next one has.
        await application.end()
        await application.begin()
        await application.more(EVENTS)
      }
      accepted = await stage.kill()
      // Every other time it lives through the kill, and comes back by itself.
      if (round % 2 === 0) await application.end()
      await stage.start()
      if (round % 2 === 0) await application.begin()
    }
    await stage.send(1)
    const log = await stage.log()
    const latest = log.at(-1)?.seq
    await application.until(() => application.handed.some(({ seq }) => seq === latest))

    expect(repeated(application.lives)).toEqual([])
    const seen = new Set(application.handed.map(({ seq, id }) => `${seq} ${id}`))
    expect(log.filter(({ seq, id }) => !seen.has(`${seq} ${id}`))).toEqual([])
    expect(heldBy(application.handed)).toEqual(heldIn(log))
    expect(broken(accepted, log)).toEqual([])
    expect(accepted.sent.length).toBeGreaterThan(100)
    expect(accepted.recalled.length).toBeGreaterThan(10)
    expect(accepted.read.length).toBeGreaterThan(10)
  } finally {
    await application.end()
  }
}, 120_000)

/** What was handed over twice, or out of order. A process may be killed between its handler's end and the keeping of that: only that one. */
function repeated(lives: readonly Handed[][]): Handed[] {
  let last = 0
  return lives.flatMap((life) =>
    life.filter(({ seq }, index) => {
      const isAgain = seq < last || (seq === last && !(here.endsAnywhere && index === 0))
      last = Math.max(last, seq)
      return isAgain
    }),
  )
}

interface State {
  readAt: string | null
  archivedAt: string | null
}

/** What an application has that does what the events say, and nothing else. */
function heldBy(events: readonly Handed[]): Map<string, State> {
  const held = new Map<string, State & { collapseKey: string | null }>()
  for (const { name, id, collapseKey, readAt, archivedAt } of events) {
    if (name === 'notification' || name === 'removed') {
      for (const [other, { collapseKey: key }] of held) {
        if (other === id || (key !== null && key === collapseKey)) held.delete(other)
      }
    }
    if (name === 'notification') held.set(id, { readAt, archivedAt, collapseKey })
    const before = held.get(id)
    if (name === 'updated' && before) held.set(id, { ...before, readAt, archivedAt })
  }
  return states(held)
}

function heldIn(log: readonly LogEntry[]): Map<string, State> {
  return states(
    new Map(log.filter(({ isRemoved }) => !isRemoved).map((entry) => [entry.id, entry])),
  )
}

function states(held: ReadonlyMap<string, State>): Map<string, State> {
  const pairs = [...held].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return new Map(pairs.map(([id, { readAt, archivedAt }]) => [id, { readAt, archivedAt }]))
}

/** What the service has said yes to and does not have. */
function broken({ sent, recalled, read }: Accepted, log: readonly LogEntry[]): string[] {
  const entries = new Map(log.map((entry) => [entry.id, entry]))
  const isReplaced = ({ seq, collapseKey }: Accepted['sent'][number]): boolean =>
    collapseKey !== null &&
    log.some((entry) => entry.collapseKey === collapseKey && entry.seq > seq)
  const lost = sent.filter((one) => !entries.has(one.id) && !isReplaced(one)).map(({ id }) => id)
  const stillThere = recalled.filter((id) => entries.get(id)?.isRemoved === false)
  const unread = read.filter((id) => {
    const entry = entries.get(id)
    return entry && !entry.isRemoved && entry.readAt === null
  })
  return [...lost, ...stillThere, ...unread]
}
