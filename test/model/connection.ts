import type { UserName } from './names.js'

/** Entries that a connection of the service under test may be sent and not yet have acknowledged. */
export const MAX_UNACKED = 3

/** What a connection is to be sent, beside the answers to its commands. */
export type Expected =
  | { type: 'gap'; from: number; to: number; reason: 'epoch' }
  | { type: 'notification'; seq: number; id: string; replayed: boolean }
  | { type: 'caught_up'; seq: number }

/** One socket of a device: reads the log from a position on, as far as its window allows. */
export class ModelConnection {
  readonly user: UserName
  readonly device: string
  /** All that it is to be sent after its welcome, in order. */
  readonly expected: Expected[] = []
  /** Its client reads nothing for now. */
  paused = false
  /** Frames that were not understood; the tenth within a minute would close it. */
  badFrames = 0
  readonly #log: readonly string[]
  readonly #welcomeLatest: number
  #position: number
  #unacked: number[] = []
  #acknowledgeable: number
  #caughtUp = false

  constructor(options: {
    user: UserName
    device: string
    log: readonly string[]
    welcome: { cursor: number; latest: number }
    start: { position: number; strayed: boolean }
  }) {
    const { welcome, start } = options
    this.user = options.user
    this.device = options.device
    this.#log = options.log
    this.#welcomeLatest = welcome.latest
    this.#position = start.position
    this.#acknowledgeable = Math.max(welcome.cursor, start.position)
    if (start.strayed) {
      const [from, to] = [start.position, start.position]
      this.expected.push({ type: 'gap', from, to, reason: 'epoch' })
    }
    this.advance()
  }

  /** The highest `seq` that it may acknowledge. */
  get acknowledgeable(): number {
    return this.#acknowledgeable
  }

  /** The log has grown, or the window has room again. */
  advance(): void {
    this.#passWelcome()
    while (this.#position < this.#log.length && this.#unacked.length < MAX_UNACKED) {
      this.#position += 1
      const seq = this.#position
      const replayed = seq <= this.#welcomeLatest
      this.expected.push({ type: 'notification', seq, id: this.#log[seq - 1] ?? '', replayed })
      this.#unacked.push(seq)
      this.#acknowledgeable = Math.max(this.#acknowledgeable, seq)
      this.#passWelcome()
    }
  }

  acknowledge(seq: number): void {
    this.#unacked = this.#unacked.filter((sent) => sent > seq)
    this.advance()
  }

  #passWelcome(): void {
    if (this.#caughtUp || this.#position < this.#welcomeLatest) return
    this.#caughtUp = true
    this.#acknowledgeable = Math.max(this.#acknowledgeable, this.#welcomeLatest)
    this.expected.push({ type: 'caught_up', seq: this.#welcomeLatest })
  }
}
