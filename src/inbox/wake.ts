/**
 * Tells sessions that the log of a user has moved. It may lose, double, delay or reorder what it carries: the store
 * says what is true, a wake only says when to look.
 */
export interface Wake {
  publish(moves: readonly LogMove[]): void
  /** Calls the listener for each move, until the function that it returns is called. */
  subscribe(listener: (move: LogMove) => void): () => void
}

/** The log of a user reached `seq`. */
export interface LogMove {
  user: string
  seq: number
  /** What came, where it is an arrival: a session that stands just before it needs no look at the store. */
  arrival: { contentJson: string; unread: number; unseen: number } | undefined
}

/** The wake of a single process. */
export class InProcessWake implements Wake {
  readonly #listeners = new Set<(move: LogMove) => void>()

  publish(moves: readonly LogMove[]): void {
    for (const move of moves) for (const listener of this.#listeners) listener(move)
  }

  subscribe(listener: (move: LogMove) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}
