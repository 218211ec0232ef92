import { ModelCopies } from './copies.js'
import type { ModelEntry, ModelLog, Outcome } from './log.js'

/** Where a connection asks to start. A cursor is told by its distance from the end of the log, so that it shrinks well. */
export type ModelStart =
  { kind: 'stored' } | { kind: 'latest' } | { kind: 'cursor'; cursor: number; ownEpoch: boolean }

/** One thing that a device may be on disk: how far it has acknowledged, and of what there is a delivery. */
interface Possible {
  cursor: number
  /** Ids, sorted. */
  delivered: readonly string[]
}

type Status = 'pending' | 'delivered' | 'skipped' | Outcome

/**
 * A durable reader of a log. An acknowledgement without an id is never answered, so nobody knows when it is on disk, or
 * whether: till the service tells, the device may be several things. What it covers is what stands there when it lands.
 */
export class ModelDevice {
  readonly #log: ModelLog
  readonly copies: ModelCopies
  #possible: readonly Possible[] = [{ cursor: 0, delivered: [] }]
  /** Acknowledgements that may reach the disk at any time, or never. */
  #underway: number[] = []

  constructor(log: ModelLog) {
    this.#log = log
    this.copies = new ModelCopies(log)
  }

  /** It was taken away; one of its name may still meet what it had under way. */
  replaced(): ModelDevice {
    const next = new ModelDevice(this.#log)
    next.#underway = [...this.#underway]
    return next
  }

  /** A connection was opened, and its welcome told the cursor; where it reads from. */
  open(start: ModelStart, latest: number, told: number): { position: number; strayed: boolean } {
    this.land()
    const strayed = start.kind === 'cursor' && (!start.ownEpoch || start.cursor > latest)
    if (start.kind === 'latest') {
      this.#possible = this.#possible.map((one) => ({ ...one, cursor: latest }))
    }
    if (start.kind === 'cursor' && !strayed) this.#advance(start.cursor)
    this.#learn(told)
    // Who begins after what it was told of keeps what it should have dropped since.
    if (start.kind !== 'stored' && !strayed) this.copies.hasSkipped = true
    const fromStored = start.kind === 'stored' || strayed
    return { position: start.kind === 'cursor' && !fromStored ? start.cursor : told, strayed }
  }

  /** An acknowledgement was answered: it is on disk, and the cursor stands where the reply says. */
  acknowledged(seq: number, told: number): void {
    this.land()
    this.#advance(seq)
    this.#learn(told)
  }

  /** An acknowledgement was sent that nobody answers. */
  acknowledging(seq: number): void {
    this.#underway.push(seq)
  }

  /** What is under way may land now; to be called before the log changes, since then it would cover other entries. */
  land(): void {
    const landed = this.#underway.flatMap((seq) =>
      this.#possible.map((one) => advanced(one, seq, this.#log)),
    )
    const all = [...this.#possible, ...landed]
    const texts = all.map((one) => JSON.stringify(one))
    this.#possible = all.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
    const lowest = Math.min(...this.#possible.map(({ cursor }) => cursor))
    this.#underway = this.#underway.filter((seq) => seq > lowest)
  }

  /** The service came back over the same file: what was not on disk will not come there any more. */
  restarted(): void {
    this.land()
    this.#underway = []
  }

  /** What may be told of an entry. */
  statuses({ id, seq, outcome }: ModelEntry): Status[] {
    this.land()
    return this.#possible.map(({ cursor, delivered }) => {
      if (delivered.includes(id)) return 'delivered'
      if (outcome !== undefined) return outcome
      return seq > cursor ? 'pending' : 'skipped'
    })
  }

  /** The forms in which an entry may be told to who reads from `startedAt`, which is or is not below the cursor. */
  forms(
    { id, arrivedSeq }: Pick<ModelEntry, 'id' | 'arrivedSeq'>,
    startedAt: number,
    isBelow: (cursor: number) => boolean,
  ): ('notification' | 'updated')[] {
    this.land()
    return this.#possible.map(({ cursor, delivered }) => {
      const has = delivered.includes(id) && arrivedSeq <= startedAt && !isBelow(cursor)
      return has ? 'updated' : 'notification'
    })
  }

  #advance(seq: number): void {
    this.#possible = this.#possible.map((one) => advanced(one, seq, this.#log))
  }

  #learn(told: number): void {
    const possible = this.#possible.map(({ cursor }) => cursor)
    if (!possible.includes(told)) {
      throw new Error(`the cursor is told as ${told}, and may be ${possible.join(' or ')}`)
    }
    this.#possible = this.#possible.filter(({ cursor }) => cursor === told)
  }
}

/** An acknowledgement covers what stands between the cursor and itself. */
function advanced(one: Possible, seq: number, log: ModelLog): Possible {
  if (seq <= one.cursor) return one
  const covered = log.living.filter((entry) => entry.seq > one.cursor && entry.seq <= seq)
  const delivered = new Set([...one.delivered, ...covered.map(({ id }) => id)])
  return { cursor: seq, delivered: [...delivered].toSorted() }
}
