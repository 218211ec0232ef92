import type { Environment } from './environment.js'

/** From a question to any word of the leader's. */
const ANSWER_WITHIN_MS = 10_000
/** Until the service has told its own. */
const HEARTBEAT_MS = 25_000

export interface WatchEvents {
  /** To ask the leader. */
  ask: () => void
  /** The leader does not answer. */
  silent: () => void
}

/**
 * Whether the leader lives: one that shows a dialog, or whose page is frozen, keeps its lock. Who has heard nothing for the heartbeat's
 * time asks, and gives it up where nothing comes in 10 s.
 */
export class Watch {
  readonly #environment: Environment
  readonly #events: WatchEvents
  #heartbeatMs = HEARTBEAT_MS
  #heardAt: number
  #asked = false
  #cancel: (() => void) | undefined

  /** Begins with a question. */
  constructor(environment: Environment, events: WatchEvents) {
    this.#environment = environment
    this.#events = events
    this.#heardAt = environment.now()
    this.ask()
  }

  set heartbeatMs(milliseconds: number) {
    this.#heartbeatMs = milliseconds
  }

  heard(): void {
    this.#heardAt = this.#environment.now()
    if (!this.#asked) return
    this.#asked = false
    this.#arm()
  }

  ask(): void {
    this.#events.ask()
    if (this.#asked) return
    this.#asked = true
    this.#after(ANSWER_WITHIN_MS, () => {
      this.#asked = false
      this.#arm()
      this.#events.silent()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** One timer for all that comes within a heartbeat. */
  #arm(): void {
    const silentFor = (): number => Math.max(0, this.#environment.now() - this.#heardAt)
    this.#after(Math.max(0, this.#heartbeatMs - silentFor()), () => {
      if (silentFor() < this.#heartbeatMs) this.#arm()
      else this.ask()
    })
  }

  #after(milliseconds: number, call: () => void): void {
    this.#cancel?.()
    this.#cancel = this.#environment.after(milliseconds, call)
  }
}
