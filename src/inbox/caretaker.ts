import { Chore } from './chore.js'
import type { Clock } from './clock.js'
import type { Duties } from './duty.js'
import { ERASED_PER_STEP } from './erase.js'
import type { LiveConnections } from './live.js'
import { arrivalMoves, removalMoves } from './moves.js'
import { retain } from './retention.js'
import type { Revoker } from './revoker.js'
import type { Store } from './store.js'
import type { FanOutStep } from './stores/topics.js'
import type { LogMove, Wake } from './wake.js'

/** How often it looks what is due, in milliseconds: scheduled notifications arrive within a second of their time. */
const LOOK_MS = 250

/** How often it goes through all inboxes for what is too old, in milliseconds: 1 minute. */
const RETENTION_PASS_MS = 60_000

/** How soon it asks again for a duty that another node has, in milliseconds: 10 seconds. */
const RETENTION_RETRY_MS = 10_000

/** Entries that one step writes: so many that it is worth a turn, so few that other writes come between. */
const STEP = 250

/** Scheduled notifications that one step looks at. */
const FIRED_PER_STEP = 100

export interface CaretakerOptions {
  store: Store
  wake: Wake
  /** Says which devices are there now. */
  live: Pick<LiveConnections, 'connections'>
  revoker: Pick<Revoker, 'forget'>
  clock: Clock
  /** How long entries, devices and what became of notifications are kept, in milliseconds. */
  retentionMs: number
  /** Which node goes through all inboxes; this one always where undefined. */
  duties?: Duties | undefined
  /** Told of what failed, once while it lasts; it is tried again. */
  report: (error: unknown) => void
}

/**
 * Does what nobody asks for: what is due, what has expired, what reaches many, what is too old. It keeps nothing of this in
 * memory but asks the store what there is to do, so that a start after a crash is a look like any other.
 */
export class Caretaker {
  readonly #options: CaretakerOptions
  readonly #chores: Readonly<
    Record<'expiry' | 'schedule' | 'fanOuts' | 'erasures' | 'retention', Chore>
  >
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #isFailing = false
  #lastPass: number | undefined
  #rested = (): void => undefined
  #closed = false

  constructor(options: CaretakerOptions) {
    this.#options = options
    const chore = (step: () => Promise<boolean>) => new Chore(step, options.report)
    this.#chores = {
      expiry: chore(() => this.#expire()),
      schedule: chore(() => this.#fire()),
      fanOuts: chore(() => this.#fanOut()),
      erasures: chore(() => this.#purge()),
      retention: chore(() => this.#retain()),
    }
  }

  /** Begins to look, at once and then on a timer. */
  start(): void {
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    this.#look()
  }

  /** Work for many has come: it begins without waiting for the next look. */
  hurry(): void {
    this.#chores.fanOuts.hurry()
  }

  /** Ends the steps that are under way and takes no others; idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    this.#rested()
    // All at once: a look that is under way must find none that it could still start.
    await Promise.all([this.#looking, ...Object.values(this.#chores).map((chore) => chore.stop())])
  }

  #look(): void {
    this.#rested()
    if (this.#closed) return
    this.#looking ??= this.#startWhatIsDue().finally(() => (this.#looking = undefined))
  }

  async #startWhatIsDue(): Promise<void> {
    const { store, clock } = this.#options
    const now = clock()
    try {
      const due = await store.due(now)
      this.#isFailing = false
      if (due.expired) this.#chores.expiry.start()
      if (due.scheduled) this.#chores.schedule.start()
      if (due.fanOuts) this.#chores.fanOuts.start()
      if (due.erasures) this.#chores.erasures.start()
    } catch (error) {
      // Once while it lasts: a store that is away is asked again at every look.
      if (!this.#isFailing) this.#options.report(error)
      this.#isFailing = true
      return
    }
    // A clock that was set back must not put it off.
    const since = now - (this.#lastPass ?? -Infinity)
    if (since >= RETENTION_PASS_MS || since < 0) {
      // While the one before is still under way, the next waits for its end.
      if (this.#chores.retention.start()) this.#lastPass = now
    }
  }

  async #expire(): Promise<boolean> {
    const { store, clock } = this.#options
    const removals = await store.expire({ at: clock(), limit: STEP })
    this.#publish(removalMoves(removals))
    return removals.length === STEP
  }

  async #fire(): Promise<boolean> {
    const { store, clock } = this.#options
    const at = clock()
    const fired = await store.fire({ at, limit: FIRED_PER_STEP })
    this.#publish(fired.flatMap((arrived) => arrivalMoves(arrived, at)))
    this.hurry()
    return fired.length > 0
  }

  /** All there is: the store writes the next step while the sockets are told of the last one, which took a third off `topic`. */
  async #fanOut(): Promise<boolean> {
    let next = this.#stepFanOut()
    for (let done = await next; done; done = await next) {
      next = this.#closed ? Promise.resolve(undefined) : this.#stepFanOut()
      try {
        this.#publish(done)
      } catch (error) {
        // Nobody would wait for the step that is under way, nor hear that it failed.
        await Promise.allSettled([next])
        throw error
      }
    }
    return false
  }

  async #stepFanOut(): Promise<LogMove[] | undefined> {
    const { store, clock } = this.#options
    const at = clock()
    const step = await store.stepFanOut({ at, limit: STEP })
    return step && movesOf(step, at)
  }

  async #purge(): Promise<boolean> {
    return (await this.#options.store.purge({ limit: ERASED_PER_STEP })).more
  }

  async #retain(): Promise<boolean> {
    const { duties } = this.#options
    if (!duties) {
      await this.#passThroughAll(() => this.#closed)
      return false
    }
    const hold = await duties.take('retention')
    if (!hold) {
      // Whoever has it may be dead, and its lease over before the next pass is due.
      this.#lastPass = this.#options.clock() - RETENTION_PASS_MS + RETENTION_RETRY_MS
      return false
    }
    try {
      await this.#passThroughAll(() => this.#closed || hold.isLost())
    } finally {
      hold.end()
    }
    return false
  }

  async #passThroughAll(isStopped: () => boolean): Promise<void> {
    const { store, wake, live, revoker, clock, retentionMs } = this.#options
    const now = clock()
    await revoker.forget(now, isStopped)
    const before = now - retentionMs
    await retain({ store, wake, live, now, before, isStopped, rest: () => this.#rest() })
  }

  /** Until the next look, or the end. */
  #rest(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    return new Promise((resolve) => (this.#rested = resolve))
  }

  #publish(moves: LogMove[]): void {
    this.#options.wake.publish(moves)
  }
}

function movesOf(step: FanOutStep, at: number): LogMove[] {
  switch (step.kind) {
    case 'delivered':
      return arrivalMoves(step, at)
    case 'recalled':
      return removalMoves(step.removals)
  }
}
