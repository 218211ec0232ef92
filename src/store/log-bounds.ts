/** How much one user's log may hold. */
export interface LogBounds {
  /** Most entries; of tombstones ten times as many. */
  inboxLimit: number
}

const TOMBSTONES_PER_ENTRY = 10

/**
 * Rows that go for one that comes: more than one, so that a log which is over its bounds comes back to them, and few, since
 * one write may reach a thousand users whose bounds were lowered.
 */
export const TRIMMED_PER_ROW = 25

interface LogSize {
  entries: number
  tombstones: number
}

/** Whether a log holds more than it may, whatever its age. */
export function isOverfull({ entries, tombstones }: LogSize, { inboxLimit }: LogBounds): boolean {
  return entries > inboxLimit || tombstones > TOMBSTONES_PER_ENTRY * inboxLimit
}

/** How many rows may have to go from the beginning of a log while so many more come to it, at the most. */
export function mostTrimmed(log: LogSize, more: LogSize, bounds: LogBounds): number {
  const [entries, tombstones] = [log.entries + more.entries, log.tombstones + more.tombstones]
  if (!isOverfull({ entries, tombstones }, bounds)) return 0
  // Each entry that is too many may have any number of tombstones before it, and a tombstone any number of entries.
  const tooMany =
    tombstones > TOMBSTONES_PER_ENTRY * bounds.inboxLimit ? entries : entries - bounds.inboxLimit
  return Math.min(tombstones + tooMany, TRIMMED_PER_ROW * (more.entries + more.tombstones))
}
