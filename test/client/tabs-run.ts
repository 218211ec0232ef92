import * as fc from 'fast-check'
import { open } from '../../src/client/core.js'
import type { Notification } from '../../src/client/frames.js'
import type { Inbox } from '../../src/client/inbox.js'
import { seededRandom } from '../random.js'
import { FakeBrowser, type FakeTab } from './fake-tabs.js'
import { FakeTime } from './fake-time.js'
import { LogServer } from './log-server.js'
import { fakeToken } from './world.js'

/** How the handlers of a tab behave: how long each takes at most, and how often it throws. */
export interface Manners {
  slowness: number
  throws: number
}

const which = fc.nat({ max: 5 })

export const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('arrive' as const),
      count: fc.integer({ min: 1, max: 7 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mark' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recall' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      manners: fc.record({
        slowness: fc.constantFrom(0, 0, 20, 500),
        throws: fc.constantFrom(0, 0, 0.3),
      }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'crash' as const), which }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('freeze' as const, 'thaw' as const), which }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'revoke' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      milliseconds: fc.constantFrom(1, 3, 10, 100, 1_000, 40_000),
    }),
  },
)
export type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What has happened in all runs. */
export const seen = new Map<string, number>()
function note(what: string): void {
  seen.set(what, (seen.get(what) ?? 0) + 1)
}

/** One tab, and what its application has finished. */
class Visit {
  readonly tab: FakeTab
  readonly inbox: Inbox
  readonly finished = new Set<number>()
  /** What it was handed twice. */
  readonly twice: number[] = []
  readonly errors: string[] = []
  /** Where the log stood when it was connected first. */
  since: number | undefined
  isClosed = false
  /** Whether the service has refused its token for good. */
  isRefused = false

  constructor(run: TabsRun, tab: FakeTab, inbox: Inbox, { slowness, throws }: Manners) {
    this.tab = tab
    this.inbox = inbox
    const failures = new Map<number, number>()
    const handle = async (seq: number): Promise<void> => {
      if (this.finished.has(seq)) this.twice.push(seq)
      const takes = slowness * run.random()
      if (takes >= 1) {
        await new Promise<void>((resolve) => void tab.environment.after(takes, resolve))
      }
      const failed = failures.get(seq) ?? 0
      if (failed < 2 && run.random() < throws) {
        failures.set(seq, failed + 1)
        throw new Error('it failed')
      }
      if (tab.isCrashed) return
      this.finished.add(seq)
      run.finished.add(seq)
    }
    inbox.on('notification', ({ notification }) => handle(notification.seq))
    inbox.on('updated', ({ seq }) => handle(seq))
    inbox.on('removed', ({ seq }) => handle(seq))
    inbox.on('error', ({ code }) => {
      // The answer to a tab that was frozen came too late for it.
      if (code === 'list_failed') return
      // A connection may be cut between this error and the close that it announces: the service takes the token at the next one.
      if (code !== 'token_revoked') this.errors.push(code)
    })
    inbox.on('status', (status) => {
      if (status.state === 'open') this.since ??= run.server.latest
      if (status.state === 'closed' && status.why.by === 'service') this.isRefused = true
    })
  }

  get isOpen(): boolean {
    return !this.isClosed && !this.isRefused && !this.tab.isCrashed
  }
}

/** Tabs of one browser over one service, through what a test draws. */
export class TabsRun {
  readonly time = new FakeTime()
  readonly random: () => number
  /** Places that the application of some tab has finished. */
  readonly finished = new Set<number>()
  readonly server: LogServer
  readonly #browser: FakeBrowser
  readonly #visits: Visit[] = []
  readonly #stored = new Map<string, string>()
  readonly #faults: string[] = []
  /** Tokens that the service has refused. */
  #refusals = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.server = new LogServer(this.#inOrder(5), (seq) => this.#acknowledged(seq))
    this.#browser = new FakeBrowser(this.#inOrder(3), this.#inOrder(3))
  }

  async step(step: Step): Promise<void> {
    switch (step.do) {
      case 'arrive':
        for (let count = 0; count < step.count; count++) this.server.arrive()
        break
      case 'mark':
        this.server.mark(step.which)
        break
      case 'recall':
        this.server.recall(step.which)
        break
      case 'open':
        this.#open(step.manners)
        break
      case 'close':
      case 'crash':
      case 'freeze':
      case 'thaw': {
        const visit = this.#pick(step.which)
        if (!visit) return
        if (step.do === 'close') {
          visit.isClosed = true
          visit.tab.thaw()
          void visit.inbox.close()
        } else visit.tab[step.do]()
        break
      }
      case 'cut':
        this.server.cut()
        break
      case 'revoke':
        this.#refusals += this.server.connections
        this.server.revoke()
        break
      case 'pass':
        await this.time.pass(step.milliseconds)
        return
    }
    note(step.do)
    // What follows may come in the midst of it.
    if (this.random() < 0.5) await this.time.pass(Math.floor(this.random() * 6))
  }

  /** Lets all come to rest, and tells what is not as it must be. */
  async settle(): Promise<string[]> {
    for (const { tab } of this.#visits) tab.thaw()
    // A token may have been refused just now.
    await this.time.pass(100)
    if (!this.#visits.some(({ isOpen }) => isOpen)) this.#open({ slowness: 0, throws: 0 })
    await this.time.pass(120_000)
    const { server } = this
    const faults = [...server.faults, ...this.#faults]
    const refused = this.#visits.filter(({ isRefused }) => isRefused).length
    if (refused > this.#refusals) faults.push(`${refused} ended for ${this.#refusals} refusals`)
    const look = (what: string, is: unknown, mustBe: unknown): void => {
      const [found, wanted] = [JSON.stringify(is), JSON.stringify(mustBe)]
      if (found !== wanted) faults.push(`${what}: ${found}, not ${wanted}`)
    }
    look('connections', server.connections, 1)
    look('acknowledged', server.cursor, server.latest)
    const places = server.changes.map(({ seq }) => seq)
    const lackingIn = (finished: Set<number>): number[] =>
      places.filter((seq) => !finished.has(seq))
    look('what no tab has handled', lackingIn(this.finished), [])
    for (const { tab, inbox, finished, twice, errors, since = 0, isOpen } of this.#visits) {
      const name = tab.environment.randomName()
      look(`what ${name} was handed twice`, twice, [])
      if (!isOpen) continue
      look(`errors of ${name}`, errors, [])
      const { status } = inbox
      look(`status of ${name}`, status.state === 'open' ? status.phase : status.state, 'live')
      look(`items of ${name}`, inbox.items().map(stateOf), server.items.map(stateOf))
      look(`counts of ${name}`, inbox.counts, server.counts)
      const missed = lackingIn(finished).filter((seq) => seq > since)
      look(`what ${name} was there for and not handed`, missed, [])
    }
    for (const { inbox } of this.#visits) void inbox.close()
    await this.time.pass(10_000)
    look('tabs in a group after the end', this.#browser.joined, 0)
    look('connections after the end', server.connections, 0)
    look('timers after the end', this.time.timers, 0)
    return faults
  }

  #open(manners: Manners): void {
    const { time, server } = this
    const name = `tab-${this.#visits.length}`
    const tab = this.#browser.open(
      {
        now: () => time.now,
        after: (milliseconds, call) => time.after(milliseconds, call),
        random: this.random,
        randomName: () => name,
        openSocket: (request, events) => server.open(request, events),
        getJson: () => server.getJson(),
        onWake: () => () => undefined,
      },
      name,
    )
    const storage = tab.storage({
      get: (key) => this.#stored.get(key),
      set: (key, value) => this.#store(key, value),
    })
    const inbox = open(
      {
        url: 'https://notify.example',
        token: () => fakeToken('alice'),
        device: () => 'phone',
        storage,
        maxItems: 1_000,
      },
      tab.environment,
    )
    this.#visits.push(new Visit(this, tab, inbox, manners))
  }

  #pick(which: number): Visit | undefined {
    const open = this.#visits.filter(({ isOpen }) => isOpen)
    return open[which % Math.max(1, open.length)]
  }

  /** Never leads what is handled: all that stands in the log up to here, some tab has finished. */
  #acknowledged(seq: number): void {
    const unfinished = this.server.changes
      .filter((change) => change.seq <= seq && !this.finished.has(change.seq))
      .map((change) => change.seq)
    if (unfinished.length > 0)
      this.#faults.push(`${seq} acknowledged, ${unfinished.join()} unhandled`)
  }

  #store(key: string, value: string): void {
    const before = cursorOf(this.#stored.get(key))
    if (cursorOf(value) < before) this.#faults.push(`the position moved back from ${before}`)
    this.#stored.set(key, value)
  }

  /** Does one after the other, each after some milliseconds. */
  #inOrder(most: number): (call: () => void) => void {
    const waiting: (() => void)[] = []
    return (call) => {
      waiting.push(call)
      // Whichever timer ends first, the first call is due.
      this.time.after(Math.floor(this.random() * most), () => waiting.shift()?.())
    }
  }
}

function stateOf({ id, seq, readAt }: Notification): unknown {
  return [id, seq, readAt]
}

function cursorOf(stored: string | undefined): number {
  return Number(/"cursor":(\d+)/.exec(stored ?? '')?.[1] ?? -1)
}
