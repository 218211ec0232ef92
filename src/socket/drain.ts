import { randomInt } from 'node:crypto'
import type { LiveSession } from './session-context.js'

/** Fewer in a slice would only take longer. */
const LEAST_PER_SLICE = 100

/** How many may come back in a second, by the spread that they are told. */
const BACK_PER_SECOND = 500
const LEAST_SPREAD_MS = 1_000
const MOST_SPREAD_MS = 30_000

export interface DrainOptions {
  /** Over about how long, in milliseconds. */
  withinMs: number
  /** From `draining` to the close of the same ones, and to the next slice. */
  sliceMs: number
  /** Does something with one session; what fails for it must not keep it from the others. */
  guarded: (session: LiveSession, act: () => void) => void
}

/**
 * Sends sessions away, slice by slice over at most about `withinMs`: each is told when to come back, all at different times, and
 * closed 1012. Whoever runs the next process is then not met by all of them at once.
 */
export async function drain(
  sessions: readonly LiveSession[],
  { withinMs, sliceMs, guarded }: DrainOptions,
): Promise<void> {
  const spreadMs = spreadOf(sessions.length)
  for (const slice of slicesOf(shuffled(sessions), withinMs / sliceMs)) {
    for (const session of slice) guarded(session, () => session.drain(randomInt(spreadMs)))
    await new Promise((resolve) => setTimeout(resolve, sliceMs))
    for (const session of slice) guarded(session, () => session.close(1012, 'restart'))
  }
}

/** Over how long so many come back, in milliseconds. */
export function spreadOf(sessions: number): number {
  const spreadMs = Math.ceil((sessions / BACK_PER_SECOND) * 1_000)
  return Math.min(MOST_SPREAD_MS, Math.max(LEAST_SPREAD_MS, spreadMs))
}

/** So many slices at most, of equal size. */
function slicesOf<Item>(items: readonly Item[], most: number): Item[][] {
  const size = Math.max(LEAST_PER_SLICE, Math.ceil(items.length / Math.max(1, Math.floor(most))))
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

/** Neighbours came together, most likely from one place: they leave apart. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
