import type { Entry } from './messages.js'

/** Shown of each kind of violation; a broken server breaks the same rule ten thousand times. */
const MAX_SHOWN = 5

/**
 * Compares what was accepted with what arrived: each user's notifications exactly once, in the order of their `seq`.
 * `arrived` stands in the order of arrival. Returns a line for each violation.
 */
export function compareLogs(accepted: readonly Entry[], arrived: readonly Entry[]): string[] {
  const missing = new Map<string, string>()
  const doubled: string[] = []
  for (const [user, seq, id] of accepted) {
    const place = placeOf(user, seq)
    if (missing.has(place)) doubled.push(`${place} was given to two notifications`)
    missing.set(place, id)
  }
  const reached = new Map<string, number>()
  const wrong: string[] = []
  const misordered: string[] = []
  for (const [user, seq, id] of arrived) {
    const place = placeOf(user, seq)
    const before = reached.get(user)
    if (before !== undefined && seq <= before) misordered.push(`${place} came after ${before}`)
    reached.set(user, seq)
    if (missing.get(place) === id) missing.delete(place)
    else wrong.push(`${place} came as ${id}, which was not accepted there, or came before`)
  }
  const lost = [...missing].map(([place, id]) => `${place} (${id}) was accepted and did not come`)
  return [lost, doubled, misordered, wrong].flatMap(shorten)
}

/** The first few violations, and how many more there are. */
export function shorten(violations: readonly string[]): string[] {
  const more = violations.length - MAX_SHOWN
  return [...violations.slice(0, MAX_SHOWN), ...(more > 0 ? [`… and ${more} more like these`] : [])]
}

function placeOf(user: string, seq: number): string {
  return `${user}@${seq}`
}
