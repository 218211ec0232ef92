import { writeSync } from 'node:fs'

/**
 * How often a reader that is not ready is waited for, and how long: together 100 ms, in which nothing else is done. One that
 * has let a line be lost is waited for again when it has taken the next.
 */
const TRIES = 10
const TRY_MS = 10

/**
 * Writes log lines to a descriptor, each before the next thing is done. Where that fails, on a disk that is full or to a reader
 * that has gone, the line is lost and the service goes on; the first line that can be written again tells how many were.
 */
export class LineOutput {
  readonly #descriptor: number
  #lost = 0
  /** A line was cut off: the next one begins anew. */
  #torn = false

  constructor(descriptor: number) {
    this.#descriptor = descriptor
  }

  write(line: string): void {
    const told = this.#lost > 0 ? lostLine(this.#lost) : ''
    if (this.#put(`${this.#torn ? '\n' : ''}${told}${line}`)) this.#lost = 0
    else this.#lost++
  }

  #put(text: string): boolean {
    let rest: Buffer = Buffer.from(text)
    for (let tries = 0; rest.length > 0;) {
      try {
        rest = rest.subarray(writeSync(this.#descriptor, rest))
        this.#torn = rest.length > 0
      } catch (error) {
        // Where standard output doesn't block, a reader that is slow is none that has gone.
        if (!isBusy(error) || this.#lost > 0 || ++tries > TRIES) return false
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TRY_MS)
      }
    }
    return true
  }
}

function lostLine(lost: number): string {
  const time = new Date().toISOString()
  return `${JSON.stringify({ level: 'warn', time, lost, msg: 'log lines were lost' })}\n`
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}
