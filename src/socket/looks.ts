import type { Stopwatch } from '../inbox/clock.js'
import type { Store } from '../inbox/store.js'
import type { LogMove } from '../inbox/wake.js'
import type { Log } from '../telemetry/log.js'

/** Users that one question to the store names. */
const LOOK_USERS = 1_000

/** After a look that failed the next one comes soon: what it was for is still to be found. 2 seconds. */
const RETRY_MS = 2_000

/** Groups of users that are told apart while they wait for a look; of more, all are looked for. */
const MAX_GROUPS = 32

type IsMeant = (user: string) => boolean

export interface LooksOptions {
  store: Pick<Store, 'latest'>
  /** Those who have sessions now. */
  users: () => Iterable<string>
  wake: (move: LogMove) => void
  stopwatch: Stopwatch
  log: Log
  lookMs: number
}

/**
 * Looks at the store for wakes that were lost: for all users every `lookMs`, and for some at once where the wake says that it
 * may have lost theirs. One look at a time: what is asked for meanwhile is looked for in the next.
 */
export class Looks {
  readonly #options: LooksOptions
  #waiting: IsMeant[] = []
  #isLooking = false
  #isStopped = false
  #next: number

  constructor(options: LooksOptions) {
    this.#options = options
    this.#next = options.stopwatch() + options.lookMs
  }

  /** Looks for those who are meant, as soon as no other look is under way. */
  lookFor(isMeant: IsMeant): void {
    if (this.#waiting.length < MAX_GROUPS) this.#waiting.push(isMeant)
    else this.#waiting = [everyone]
    this.#begin()
  }

  /** Time has passed. */
  tick(): void {
    const { stopwatch, lookMs } = this.#options
    const now = stopwatch()
    if (now < this.#next) return
    this.#next = now + lookMs
    this.#waiting = [everyone]
    this.#begin()
  }

  /** Asks the store for nothing more. */
  stop(): void {
    this.#isStopped = true
    this.#waiting = []
  }

  #begin(): void {
    if (this.#isLooking || this.#isStopped || this.#waiting.length === 0) return
    const groups = this.#waiting
    this.#waiting = []
    this.#isLooking = true
    this.#look((user) => groups.some((isMeant) => isMeant(user)))
      .catch((error: unknown) => this.#failed(error))
      .finally(() => {
        this.#isLooking = false
        this.#begin()
      })
  }

  #failed(error: unknown): void {
    const { log, stopwatch, lookMs } = this.#options
    log.error({ err: error }, 'look at the store failed')
    this.#next = Math.min(this.#next, stopwatch() + Math.min(lookMs, RETRY_MS))
  }

  /** What wakes would have told is in the store. */
  async #look(isMeant: IsMeant): Promise<void> {
    const { store, users, wake } = this.#options
    const meant = [...users()].filter(isMeant)
    for (let from = 0; from < meant.length && !this.#isStopped; from += LOOK_USERS) {
      const found = await store.latest(meant.slice(from, from + LOOK_USERS))
      for (const [user, seq] of found) wake({ user, seq, change: undefined })
    }
  }
}

function everyone(): boolean {
  return true
}
