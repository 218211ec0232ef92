/** Locks of the database that stand for no row: numbers which nobody else locks, each for one thing. */
export const ADVISORY_LOCKS = {
  /** Nodes that start at once bring the schema up to date one after the other. */
  migrating: 7_082_112_026,
  /** One node fires at a time, so that the order of the times is kept. */
  firing: 7_082_112_027,
  /** One node sweeps at a time. */
  sweeping: 7_082_112_028,
  /** Orders become visible in the order of their ids. */
  ordering: 7_082_112_029,
  /** Revocations likewise. */
  revoking: 7_082_112_030,
  /** One node takes away at a time what is left of the erased: two would lock what they shared in different orders. */
  purging: 7_082_112_031,
} as const
