/** How much is measured. */
export interface Effort {
  rounds: number
  /** How many more are taken in place of disturbed ones; of all those that were disturbed least count. */
  repeats: number
  /** The length of one measurement. */
  runMs: number
  warmUpMs: number
  /** Most devices that are connected at once. */
  devices: number
  /** Of the topic that is fanned out to. */
  subscribers: number
  /** Notifications of the larger database. */
  stored: number
  /** Notifications that devices miss: each of many, and one that was away for long. */
  missed: { byEach: number; byOne: number }
}

export const FULL: Effort = {
  rounds: 5,
  repeats: 2,
  runMs: 3_000,
  warmUpMs: 3_000,
  devices: 10_000,
  subscribers: 100_000,
  stored: 10_000_000,
  missed: { byEach: 200, byOne: 100_000 },
}

/** Ends within three minutes, and needs no more descriptors than any system gives: some 1,000. */
export const QUICK: Effort = {
  rounds: 2,
  repeats: 0,
  runMs: 700,
  warmUpMs: 700,
  devices: 500,
  subscribers: 20_000,
  stored: 200_000,
  missed: { byEach: 80, byOne: 20_000 },
}
