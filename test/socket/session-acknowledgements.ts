import type { DownOf } from '../client.js'
import { expectSame, expectTrue } from '../expectations.js'
import type { MemoryLog } from './memory-log.js'

/** What one connection has acknowledged, and what it was told of that. */
export class SessionAcknowledgements {
  readonly #log: MemoryLog
  /** The `seq` of each acknowledgement without a reply, by its id. */
  readonly #waiting = new Map<string, number>()
  #acknowledged = 0
  #cursor = 0
  #toldCursor = 0

  constructor(log: MemoryLog) {
    this.#log = log
  }

  /** The highest `seq` that was acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged
  }

  acknowledging(seq: number, id: string | undefined): void {
    this.#acknowledged = Math.max(this.#acknowledged, seq)
    if (id !== undefined) this.#waiting.set(id, seq)
  }

  /** The stored cursor never moves back. */
  look(): void {
    const cursor = this.#log.cursors.get('phone') ?? 0
    expectTrue(cursor >= this.#cursor, `the cursor went from ${this.#cursor} to ${cursor}`)
    this.#cursor = cursor
  }

  /** A reply tells a cursor that is stored, no lower than any before, and no lower than what was asked. */
  seeReply({ id, payload }: DownOf<'reply'>): void {
    const wanted = this.#waiting.get(id) ?? Infinity
    const told = 'cursor' in payload ? payload.cursor : 0
    expectTrue(told >= wanted && told >= this.#toldCursor, `${told} told for ${wanted}`)
    expectTrue(told <= (this.#log.cursors.get('phone') ?? 0), `${told} is stored`)
    this.#toldCursor = told
    this.#waiting.delete(id)
  }

  expectAnswered(): void {
    expectSame([...this.#waiting.keys()].join(', '), '', 'without a reply')
  }

  expectStored(): void {
    expectTrue(this.#cursor >= this.#acknowledged, `acknowledged ${this.#acknowledged}`)
  }
}
