const FIRST_MS = 100
const LONGEST_MS = 5_000

/** Waits longer from one failure to the next, 0.1 to 5 seconds, and not as long on every node. Owns its timer. */
export class Backoff {
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  /** Calls it after a while; what waits already is called instead of it. */
  later(act: () => void): void {
    if (this.#timer) return
    const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures)
    this.#failures += 1
    const wait = longest * (0.5 + Math.random() / 2)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      act()
    }, wait)
  }

  succeeded(): void {
    this.#failures = 0
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
