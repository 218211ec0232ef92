import { statSync } from 'node:fs'
import { residentBytes } from '../memory.js'

/** What was seen between two rounds, in bytes. */
interface Sample {
  resident: number
  database: number
}

/** Beyond what SQLite may keep, resident memory grows by less than this from the middle of the rounds to their end: 8 MiB. */
const SLACK_BYTES = 8 * 1024 * 1024

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0

/**
 * Tells whether the memory of a service is flat while the same is asked of it in ten equal rounds.
 *
 * The first two rounds warm up: code is compiled, heaps take their size. From then on, the median of the rounds 3 to 5 is
 * held against that of the rounds 8 to 10, since a single look depends on when V8 last collected. One thing grows by
 * right: each of the store's two connections keeps up to 32 MiB of the database's pages, so up to twice what the file has
 * grown by is let pass. Whatever else is kept of each input shows: 8 MiB in five rounds of 10,000 inputs are
 * some 170 bytes an input. What is kept in V8's heap may hide for a while in room that the heap had already: the test
 * gives it little.
 */
export class Growth {
  readonly #pid: number
  readonly #databasePath: string
  readonly #samples: Sample[] = []

  constructor(pid: number, databasePath: string) {
    this.#pid = pid
    this.#databasePath = databasePath
  }

  /** Looks once: before the first round, and after each. */
  look(): void {
    this.#samples.push({
      resident: residentBytes(this.#pid),
      database: statSync(this.#databasePath).size,
    })
  }

  get resident(): number[] {
    return this.#samples.map(({ resident }) => resident)
  }

  /** From the middle to the end: by how much it grew, and by how much it may. */
  measure(): { grown: number; allowed: number } {
    const between = (of: (sample: Sample) => number): number =>
      median(this.#samples.slice(8, 11).map(of)) - median(this.#samples.slice(3, 6).map(of))
    return {
      grown: between(({ resident }) => resident),
      allowed: 2 * between(({ database }) => database) + SLACK_BYTES,
    }
  }
}
