import { BAD_MESSAGES_MS, MAX_BAD_MESSAGES } from './limits.js'

/** Counts the messages of a connection that were not understood within the last minute. */
export class BadMessages {
  #times: number[] = []

  /** Counts one; true where it is one too many. */
  count(now: number): boolean {
    this.#times = [...this.#times.filter((time) => now - time < BAD_MESSAGES_MS), now]
    return this.#times.length >= MAX_BAD_MESSAGES
  }
}
