import type { ConsoleTraffic } from '../../protocol/console.js'

export const MEASURES = ['accepted', 'sent', 'replayed', 'acknowledged'] as const
export type Measure = (typeof MEASURES)[number]

/** Seconds that a line of rates shows. */
export const HISTORY_SECONDS = 60

/** How many a second of each measure, oldest first. */
export type Rates = Record<Measure, readonly number[]>

export const NO_RATES: Rates = { accepted: [], sent: [], replayed: [], acknowledged: [] }

type Sums = Pick<ConsoleTraffic, 'at' | 'sums'>

/** The rates with what went on between two looks at the sums. */
export function ratesAfter(rates: Rates, before: Sums | undefined, now: Sums): Rates {
  if (!before) return rates
  const elapsed = (Date.parse(now.at) - Date.parse(before.at)) / 1000
  if (elapsed <= 0) return rates
  const next = (measure: Measure): readonly number[] => {
    // Sums count from the service's start: where one is lower than it was, that was in between.
    const gained = now.sums[measure] - before.sums[measure]
    const rate = (gained < 0 ? now.sums[measure] : gained) / elapsed
    return [...rates[measure], rate].slice(-HISTORY_SECONDS)
  }
  return {
    accepted: next('accepted'),
    sent: next('sent'),
    replayed: next('replayed'),
    acknowledged: next('acknowledged'),
  }
}
