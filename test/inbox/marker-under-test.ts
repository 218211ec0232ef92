import { Marker } from '../../src/inbox/marker.js'
import type { MarkStep } from '../../src/inbox/store.js'
import { InProcessWake, type LogMove } from '../../src/inbox/wake.js'
import type { MarkAction } from '../../src/protocol/mark.js'
import { AT, numbers, send } from '../store/contract/store-under-test.js'
import { openSqlite } from '../store/sqlite/files.js'

/** A real store with a log of some entries, clocks that the test owns, and what the marker asked and published. */
export async function openMarker(count = 0) {
  const opened = await openSqlite()
  const { store } = opened
  const sent = await Promise.all(numbers(1, count).map(() => send(store, 'alice')))
  const bySeq = sent.toSorted((a, b) => (a.receipt.seq ?? 0) - (b.receipt.seq ?? 0))
  const wake = new InProcessWake()
  const moves: LogMove[] = []
  wake.subscribe((move) => void moves.push(move))
  const steps: MarkStep[] = []
  const time = { now: AT, stopwatch: 0 }
  /** What the store answers to a step; a test may put something between. */
  const replaceable = { answer: (command: MarkStep) => store.mark(command) }
  const marker = new Marker({
    store: {
      mark: (command) => {
        steps.push(command)
        return replaceable.answer(command)
      },
    },
    wake,
    // Each look finds it a second later.
    clock: () => (time.now += 1_000),
    stopwatch: () => time.stopwatch,
  })
  const epochOf = async (user: string) => (await store.head(user)).epoch
  return {
    store,
    wake,
    moves,
    steps,
    ids: bySeq.map(({ receipt }) => receipt.id),
    time,
    replaceable,
    marker,
    epochOf,
    upTo: async (user: string, action: MarkAction, upTo: number, type?: string) =>
      marker.mark(user, { action, upTo, epoch: await epochOf(user), type }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

/** Each move as the `seq` that it left, and the one that it took. */
export const pathsOf = (moves: readonly LogMove[]): unknown[] =>
  moves.map(({ seq, change }) => (change?.kind === 'moved' ? [change.from, seq] : change?.kind))
