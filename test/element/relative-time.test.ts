import { describe, expect, test } from 'vitest'
import { RelativeTimes } from '../../src/element/relative-time.js'

const NOW = new Date(2026, 2, 10, 15, 0).getTime()
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

describe('a time is told as people do', () => {
  const times = new RelativeTimes('en')
  test.for([
    ['from a clock that is ahead', -5 * MINUTE, 'now'],
    ['of this moment', 59 * SECOND, 'now'],
    ['of minutes', 59 * MINUTE, '59 min. ago'],
    ['of hours', HOUR, '1 hr. ago'],
    ['of this night', 14 * HOUR, '14 hr. ago'],
    ['of last evening', 16 * HOUR, 'yesterday'],
    ['of a few days', 6 * DAY, '6 days ago'],
    ['of a week', 7 * DAY, 'Mar 3'],
    ['of last year', 100 * DAY, 'Nov 30, 2025'],
  ] as const)('%s', ([, age, words], { expect }) => {
    expect(times.short(NOW - age, NOW)).toBe(words)
  })
})

test('late in the evening is not yesterday an hour later', () => {
  const times = new RelativeTimes('en')
  const night = new Date(2026, 2, 10, 0, 30).getTime()
  expect(times.short(night - HOUR, night)).toBe('1 hr. ago')
})

test('in full, with the day and the time', () => {
  expect(new RelativeTimes('en').full(NOW)).toBe('Tuesday, March 10, 2026 at 3:00 PM')
})
