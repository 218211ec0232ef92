export const USERS = ['alice', 'bob'] as const
export type UserName = (typeof USERS)[number]

export const DEVICES = ['phone', 'laptop', 'tablet'] as const

/** Sockets of a run, by name, so that a counterexample can be read. */
export const SLOTS = ['A', 'B', 'C'] as const
export type Slot = (typeof SLOTS)[number]
