import type { Writable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'

/** An output of lines, for whoever must know that they were taken: a pipe may be slow, or end before the program does. */
export class Output {
  readonly #stream: Writable
  #last: Promise<void> = Promise.resolve()
  /** Resolves, with the reason, when no line can be written any more. */
  readonly failed: Promise<Error & { code?: string }>

  constructor(stream: Writable) {
    this.#stream = stream
    this.failed = new Promise((resolve) => stream.on('error', resolve))
  }

  line(text: string): void {
    this.#last = new Promise((resolve, reject) => {
      this.#stream.write(`${text}\n`, (error) => (error ? reject(error) : resolve()))
    })
    // Told by `failed` to whoever does not wait for it.
    this.#last.catch(() => undefined)
  }

  /** Resolves when all lines so far are taken; rejects where one can't be. */
  written(): Promise<void> {
    return this.#last
  }

  /** Resolves when they are taken, and a turn of the event loop has brought no further one. */
  async settled(): Promise<void> {
    for (let last; last !== this.#last;) {
      last = this.#last
      await last
      await setImmediate()
    }
  }
}
