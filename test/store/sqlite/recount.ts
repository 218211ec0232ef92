import { isUnread, isUnseen } from '../../../src/inbox/state.js'
import type { EntryState } from '../../../src/protocol/notification.js'
import type { Told } from './random-use.js'

interface Row extends Omit<EntryState, 'arrivedSeq'> {
  id: string
  collapseKey: string | null
  isAlive: boolean
}

/** What a log holds at its end, and the counts as of each change beside those that were told. */
export interface Recount {
  seqs: number[]
  told: string[]
  counted: string[]
  /** The ids of what is alive, in no order. */
  alive: string[]
  horizon: number
}

/** Follows a user's log from its beginning by what was told of it, in a store of such an inbox limit. */
export function recount(told: readonly Told[], inboxLimit: number): Recount {
  const log = new Log(inboxLimit)
  const changes = told
    .filter((change) => change.kind !== 'trimmed')
    .toSorted((a, b) => seqOf(a) - seqOf(b))
  const found = { seqs: changes.map(seqOf), told: [] as string[], counted: [] as string[] }
  for (const change of changes) {
    log.apply(change)
    found.told.push(`${change.unread} ${change.unseen}`)
    found.counted.push(log.counts())
    for (const trim of told) {
      if (trim.kind === 'trimmed' && trim.latest === seqOf(change)) log.drop(trim.removed)
    }
  }
  return { ...found, alive: log.alive().map(({ id }) => id), horizon: log.horizon }
}

type Change = Exclude<Told, { kind: 'trimmed' }>

function seqOf(change: Change): number {
  return change.kind === 'marked' ? change.state.seq : change.seq
}

class Log {
  horizon = 0
  #rows: Row[] = []
  readonly #inboxLimit: number

  constructor(inboxLimit: number) {
    this.#inboxLimit = inboxLimit
  }

  alive(): Row[] {
    return this.#rows.filter(({ isAlive }) => isAlive)
  }

  counts(): string {
    return `${this.alive().filter(isUnread).length} ${this.alive().filter(isUnseen).length}`
  }

  apply(change: Change): void {
    const { id } = change
    const before = this.#rows.find((row) => row.id === id)
    this.#rows = this.#rows.filter((row) => row !== before)
    if (change.kind === 'arrived') {
      const { seq, collapseKey } = change
      this.#rows = this.#rows.filter(
        (row) => collapseKey === null || row.collapseKey !== collapseKey,
      )
      const state = { seq, seenAt: null, readAt: null, archivedAt: null }
      this.#rows.push({ id, collapseKey, isAlive: true, ...state })
    } else if (!before?.isAlive) {
      throw new Error(`${id} changed and was not there`)
    } else {
      const after = change.kind === 'marked' ? change.state : { seq: change.seq, isAlive: false }
      this.#rows.push({ ...before, ...after })
    }
    while (this.#isOverfull()) this.drop(1)
  }

  /** Drops rows from the beginning. */
  drop(count: number): void {
    const first = this.#rows.toSorted((a, b) => a.seq - b.seq).slice(0, count)
    this.#rows = this.#rows.filter((row) => !first.includes(row))
    this.horizon = first.at(-1)?.seq ?? this.horizon
  }

  #isOverfull(): boolean {
    const alive = this.alive().length
    return alive > this.#inboxLimit || this.#rows.length - alive > 10 * this.#inboxLimit
  }
}
