import { PosthornError } from '../protocol/errors.js'
import type { Mark, MarkResult } from '../protocol/mark.js'
import type { Clock, Stopwatch } from './clock.js'
import { EventWindow } from './event-window.js'
import type { MarkedStep, MarkStep, Store } from './store.js'
import type { Wake } from './wake.js'

/** Entries that one write changes: so many that it is worth a turn, so few that other writes come between. */
const STEP = 100

/** Marks by `upTo` within a second for one user: one more is refused. */
const BULK_MARKS = { max: 5, milliseconds: 1_000 }

/**
 * Marks of one user that may be under way or wait for their turn, one after the other: one more is refused. Each takes several writes,
 * and those of others must not stand behind those of thousands of marks.
 */
const MAX_MARKS_OF_USER = 100

/** Marks entries of users' inboxes; what changes takes the next `seq` and wakes the user's sessions. */
export class Marker {
  readonly #store: Pick<Store, 'mark'>
  readonly #wake: Wake
  readonly #clock: Clock
  readonly #stopwatch: Stopwatch
  /** Those who marked by `upTo` of late, the one who did last at the end. */
  readonly #bulkMarks = new Map<string, { window: EventWindow; last: number }>()
  /** Of each user who marks now: how many marks there are, and the end of the last. */
  readonly #turns = new Map<string, { marks: number; end: Promise<unknown> }>()

  constructor(options: {
    store: Pick<Store, 'mark'>
    wake: Wake
    clock: Clock
    stopwatch: Stopwatch
  }) {
    this.#store = options.store
    this.#wake = options.wake
    this.#clock = options.clock
    this.#stopwatch = options.stopwatch
  }

  /**
   * Resolves when all is on disk. Large marks are written in steps, each of which is told to the sessions by itself; those of one user
   * one after the other, in the order in which they came.
   * @throws PosthornError `rate_limited`, or `epoch_mismatch` where `upTo` is of another log
   */
  async mark(user: string, mark: Mark): Promise<MarkResult> {
    if ('ids' in mark) return this.#inTurn(user, () => this.#markByIds(user, mark))
    if (this.#isTooMuch(user)) {
      throw new PosthornError('rate_limited', 'At most 5 bulk marks a second for one user.')
    }
    return this.#inTurn(user, () => this.#markUpTo(user, mark))
  }

  /** Does it when what the same user asked for before is done. */
  async #inTurn(user: string, act: () => Promise<MarkResult>): Promise<MarkResult> {
    const turn = this.#turns.get(user) ?? { marks: 0, end: Promise.resolve() }
    if (turn.marks >= MAX_MARKS_OF_USER) {
      throw new PosthornError('rate_limited', 'Too many marks of one user wait for their turn.')
    }
    const marking = turn.marks === 0 ? act() : turn.end.then(act)
    turn.marks += 1
    // Whether it succeeds is its caller's concern, not that of the next one.
    turn.end = marking.catch(() => undefined)
    this.#turns.set(user, turn)
    try {
      return await marking
    } finally {
      turn.marks -= 1
      if (turn.marks === 0) this.#turns.delete(user)
    }
  }

  async #markByIds(
    user: string,
    { action, ids }: Extract<Mark, { ids: string[] }>,
  ): Promise<MarkResult> {
    const wanted = [...new Set(ids)]
    const at = this.#clock()
    let updated = 0
    for (let from = 0; ; from += STEP) {
      const step = { kind: 'ids' as const, ids: wanted.slice(from, from + STEP) }
      const done = await this.#step({ user, action, at, limit: STEP, entries: step })
      updated += done.moved.length
      const { unread, unseen, latest } = done
      if (from + STEP >= wanted.length) return { updated, unread, unseen, latest }
    }
  }

  async #markUpTo(
    user: string,
    { action, upTo, epoch, type }: Extract<Mark, { upTo: number }>,
  ): Promise<MarkResult> {
    const at = this.#clock()
    let updated = 0
    let [after, bound] = [0, upTo]
    for (;;) {
      const entries = { kind: 'upTo' as const, after, upTo: bound, epoch, type }
      const done = await this.#step({ user, action, at, limit: STEP, entries })
      if (done.epoch !== epoch) {
        throw new PosthornError('epoch_mismatch', '`upTo` is of another log: list the inbox again.')
      }
      updated += done.moved.length
      const { unread, unseen, latest, next } = done
      if (next === undefined) return { updated, unread, unseen, latest }
      // Whatever bound was named, what arrives between two steps is not meant.
      ;[after, bound] = [next, Math.min(bound, latest)]
    }
  }

  async #step(command: MarkStep): Promise<MarkedStep> {
    const { user } = command
    const done = await this.#store.mark(command)
    this.#wake.publish(
      done.moved.map((moved) => ({
        user,
        seq: moved.state.seq,
        change: { kind: 'moved' as const, ...moved },
      })),
    )
    return done
  }

  #isTooMuch(user: string): boolean {
    const now = this.#stopwatch()
    const { window } = this.#bulkMarks.get(user) ?? { window: new EventWindow(BULK_MARKS) }
    this.#bulkMarks.delete(user)
    this.#bulkMarks.set(user, { window, last: now })
    for (const [name, { last }] of this.#bulkMarks) {
      if (now - last < BULK_MARKS.milliseconds) break
      this.#bulkMarks.delete(name)
    }
    return window.count(now)
  }
}
