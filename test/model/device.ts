/** Where a connection asks to start. A cursor is told by its distance from the end of the log, so that it shrinks well. */
export type ModelStart =
  { kind: 'stored' } | { kind: 'latest' } | { kind: 'cursor'; cursor: number; ownEpoch: boolean }

/** One thing that a device may be on disk: how far it has acknowledged, and what it passed by `cursor=latest`. */
interface Possible {
  cursor: number
  skipped: readonly number[]
}

type Status = 'pending' | 'delivered' | 'skipped'

/**
 * A durable reader of a log. An acknowledgement without an id is never answered, so when its connection ends nobody knows
 * whether it is on disk: then the device may be several things, until the service tells which.
 */
export class ModelDevice {
  #possible: readonly Possible[] = [{ cursor: 0, skipped: [] }]
  /** Acknowledgements that may reach the disk at any time, or never. */
  #underway: number[] = []

  /** A connection was opened, and its welcome told the cursor; where it reads from. */
  open(start: ModelStart, latest: number, told: number): { position: number; strayed: boolean } {
    this.#land()
    const strayed = start.kind === 'cursor' && (!start.ownEpoch || start.cursor > latest)
    if (start.kind === 'latest') this.#possible = this.#possible.map((one) => skip(one, latest))
    if (start.kind === 'cursor' && !strayed) this.#advance(start.cursor)
    this.#learn(told)
    const fromStored = start.kind === 'stored' || strayed
    return { position: start.kind === 'cursor' && !fromStored ? start.cursor : told, strayed }
  }

  /** An acknowledgement was answered: it is on disk, and the cursor stands where the reply says. */
  acknowledged(seq: number, told: number): void {
    this.#land()
    this.#advance(seq)
    this.#learn(told)
  }

  /** An acknowledgement was sent that nobody answers. */
  acknowledging(seq: number): void {
    this.#underway.push(seq)
  }

  /** The service came back over the same file: what was not on disk will not come there any more. */
  restarted(): void {
    this.#land()
    this.#underway = []
  }

  /** What may be told of an entry. */
  statuses(seq: number): Status[] {
    this.#land()
    return this.#possible.map(({ cursor, skipped }) => {
      if (seq > cursor) return 'pending'
      return skipped.includes(seq) ? 'skipped' : 'delivered'
    })
  }

  #land(): void {
    const landed = this.#underway.flatMap((seq) =>
      this.#possible.map((one) => ({ ...one, cursor: Math.max(one.cursor, seq) })),
    )
    const all = [...this.#possible, ...landed]
    const texts = all.map((one) => JSON.stringify(one))
    this.#possible = all.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
  }

  #advance(seq: number): void {
    this.#possible = this.#possible.map((one) => {
      return { ...one, cursor: Math.max(one.cursor, seq) }
    })
  }

  #learn(told: number): void {
    const possible = this.#possible.map(({ cursor }) => cursor)
    if (!possible.includes(told)) {
      throw new Error(`the cursor is told as ${told}, and may be ${possible.join(' or ')}`)
    }
    this.#possible = this.#possible.filter(({ cursor }) => cursor === told)
  }
}

function skip({ cursor, skipped }: Possible, latest: number): Possible {
  const passed = Array.from({ length: latest - cursor }, (_, index) => cursor + 1 + index)
  return { cursor: latest, skipped: [...skipped, ...passed] }
}
