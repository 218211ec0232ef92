/** Work that is done in steps, one after the other, until there is no more of it. */
export class Chore {
  readonly #step: () => Promise<boolean>
  readonly #report: (error: unknown) => void
  #running: Promise<void> | undefined
  /** Work came while it was under way, which its last step may not have seen. */
  #again = false
  #stopped = false
  #isFailing = false

  /**
   * `step` tells whether there may be more to do. Where it fails, the chore ends until it is started again; `report` is
   * told once while that lasts.
   */
  constructor(step: () => Promise<boolean>, report: (error: unknown) => void) {
    this.#step = step
    this.#report = report
  }

  /** Begins; false where it is under way already, or over. */
  start(): boolean {
    if (this.#stopped || this.#running) return false
    this.#running = this.#run()
    return true
  }

  /** Begins, or takes one step more than it would where it is under way: work has come. */
  hurry(): void {
    if (!this.start()) this.#again = true
  }

  /** Takes no further step; resolves when the last one has ended. */
  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  async #run(): Promise<void> {
    try {
      let more = true
      while (more && !this.#stopped) {
        this.#again = false
        more = (await this.#step()) || this.#again
        this.#isFailing = false
      }
    } catch (error) {
      if (!this.#isFailing) this.#report(error)
      this.#isFailing = true
    } finally {
      this.#running = undefined
    }
  }
}
