import { describe, expect, test } from 'vitest'
import {
  HISTORY_SECONDS,
  NO_RATES,
  ratesAfter,
  type Rates,
} from '../../../src/console/state/rates.js'

const NONE = { accepted: 0, sent: 0, replayed: 0, acknowledged: 0 }

function at(second: number, sums: Partial<typeof NONE> = {}): { at: string; sums: typeof NONE } {
  return { at: new Date(second * 1000).toISOString(), sums: { ...NONE, ...sums } }
}

describe('rates', () => {
  test('are what was gained between two looks, a second', () => {
    const rates = ratesAfter(
      NO_RATES,
      at(10, { accepted: 5, sent: 10 }),
      at(12, { accepted: 9, sent: 40 }),
    )
    expect(rates).toEqual({ accepted: [2], sent: [15], replayed: [0], acknowledged: [0] })
  })

  test('begin with the second look', () => {
    expect(ratesAfter(NO_RATES, undefined, at(10, { accepted: 5 }))).toEqual(NO_RATES)
  })

  test('count from nothing where the service has been started again', () => {
    expect(
      ratesAfter(NO_RATES, at(10, { accepted: 500 }), at(11, { accepted: 3 })).accepted,
    ).toEqual([3])
  })

  test('are not told of two looks at one moment', () => {
    expect(ratesAfter(NO_RATES, at(10), at(10, { accepted: 1 }))).toEqual(NO_RATES)
  })

  test('are kept for a minute', () => {
    let rates: Rates = NO_RATES
    for (let second = 0; second <= HISTORY_SECONDS + 5; second++) {
      rates = ratesAfter(
        rates,
        at(second, { sent: second ** 2 }),
        at(second + 1, { sent: (second + 1) ** 2 }),
      )
    }
    expect(rates.sent).toHaveLength(HISTORY_SECONDS)
    expect(rates.sent.at(-1)).toBe(2 * (HISTORY_SECONDS + 5) + 1)
  })
})
