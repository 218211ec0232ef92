import { setMaxListeners } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { userToken } from '../../bench/tokens.js'
import { seededRandom } from '../../random.js'
import type { CrowdOptions } from '../messages.js'
import { Oracle } from './oracle.js'
import type { Person, Sending } from './people.js'

/** What all of a crowd share. */
export class Context {
  readonly options: CrowdOptions
  readonly oracle = new Oracle()
  /** All that was ever sent, by title. */
  readonly book = new Map<string, Sending>()
  readonly random: () => number
  /** Where the service is, or was last. */
  url: string
  readonly #settling = new AbortController()

  constructor(options: CrowdOptions, url: string) {
    this.options = options
    this.url = url
    this.random = seededRandom(options.seed)
    setMaxListeners(0, this.#settling.signal)
  }

  /** Nothing more is to be sent: every device comes back, and stays. */
  get isSettling(): boolean {
    return this.#settling.signal.aborted
  }

  settle(): void {
    this.#settling.abort()
  }

  /** Waits, or until all settle. */
  async pause(milliseconds: number): Promise<void> {
    await wait(milliseconds, undefined, { signal: this.#settling.signal }).catch(() => undefined)
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  /** A number between two, evenly. */
  between([least, most]: readonly [number, number]): number {
    return least + this.random() * (most - least)
  }

  /** A duration of which the average is known, as those are that end by chance. */
  about(mean: number): number {
    return -Math.log(1 - this.random()) * mean
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.random() * items.length)]
  }

  socketToken(person: Person, seconds: number): Promise<string> {
    return userToken(this.options.secret, person.name, Math.ceil(seconds))
  }
}
