import type { LiveObserver, LocalConnections } from '../inbox/live.js'
import type { PresentConnection } from '../inbox/stores/cluster.js'

/** Connections that went and whose end was not told yet: with more, all is told anew. */
const MAX_GONE = 20_000

/** What is to be told at once. */
export interface PresenceBatch {
  present: PresentConnection[]
  gone: string[]
}

/**
 * Which connections of this process have come and gone since others were last told. Bounded by the connections that there are, and
 * by `MAX_GONE`: beyond that it only knows that it has lost sight.
 */
export class PresenceChanges implements LiveObserver {
  readonly #maxGone: number
  #come = new Set<string>()
  #gone = new Set<string>()
  #isLost = false

  constructor(maxGone = MAX_GONE) {
    this.#maxGone = maxGone
  }

  /** Whether so many went that all has to be told anew. */
  get isLost(): boolean {
    return this.#isLost
  }

  joined(connection: string): void {
    this.#come.add(connection)
  }

  left(connection: string): void {
    // Who was not told of it need not hear that it is over.
    if (this.#come.delete(connection) || this.#isLost) return
    this.#gone.add(connection)
    if (this.#gone.size <= this.#maxGone) return
    this.#gone.clear()
    this.#isLost = true
  }

  /** Nothing was told yet: all that are there are new. */
  restart(connections: Iterable<string>): void {
    this.#come = new Set(connections)
    this.#gone.clear()
    this.#isLost = false
  }

  /** Takes at most about `limit` of each; one that is just being opened waits until it is. */
  take(local: Pick<LocalConnections, 'find'>, limit: number): PresenceBatch {
    const present: PresentConnection[] = []
    const gone: string[] = []
    for (const connection of this.#come) {
      if (present.length === limit) break
      const found = local.find(connection)
      if (!found) continue
      present.push(found)
      this.#come.delete(connection)
    }
    for (const connection of this.#gone) {
      if (gone.length === limit) break
      gone.push(connection)
      this.#gone.delete(connection)
    }
    return { present, gone }
  }

  /** What was taken could not be told, or nobody knows whether it was. */
  putBack({ present, gone }: PresenceBatch): void {
    for (const connection of gone) this.#gone.add(connection)
    for (const { connection } of present) {
      if (!this.#gone.has(connection)) this.#come.add(connection)
    }
  }
}
