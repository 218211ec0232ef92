import { describe, expect, test } from 'vitest'
import {
  countWords,
  durationWords,
  rateWords,
  statusWords,
  type PaneStatus,
} from '../../../src/console/state/words.js'

describe('words', () => {
  test.each<[PaneStatus, string, string]>([
    [{ state: 'idle' }, 'not connected', 'off'],
    [{ state: 'connecting', attempt: 1 }, 'connecting', 'busy'],
    [{ state: 'connecting', attempt: 4 }, 'connecting, attempt 4', 'busy'],
    [
      { state: 'open', phase: 'replaying', user: 'a', device: 'b' },
      'replaying what was missed',
      'busy',
    ],
    [{ state: 'open', phase: 'live', user: 'a', device: 'b' }, 'live', 'on'],
    [{ state: 'waiting', retryAt: 12_400, attempt: 1 }, 'waiting, next try in 12 s', 'bad'],
    [{ state: 'waiting', retryAt: 100, attempt: 1 }, 'waiting, next try in 0 s', 'bad'],
    [
      { state: 'closed', why: { by: 'application', code: 1000, reason: '' } },
      'not connected',
      'off',
    ],
    [
      { state: 'closed', why: { by: 'service', code: 4410, reason: 'device_removed' } },
      'closed by the service: 4410 device_removed',
      'bad',
    ],
  ])('say how a connection stands: %o', (status, words, lamp) => {
    expect(statusWords(status, 400)).toEqual({ words, lamp })
  })

  test.each([
    [-20, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_599_000, '59 min'],
    [3_660_000, '1 h 1 min'],
    [172_800_000, '2 days'],
  ])('say how long %i ms are', (milliseconds, words) => {
    expect(durationWords(milliseconds)).toBe(words)
  })

  test('say rates and counts in few digits', () => {
    expect([0, 0.96, 12.4, 1_234].map(rateWords)).toEqual(['0', '1.0', '12', '1.2k'])
    expect([countWords(1, 'frame'), countWords(2_000, 'frame')]).toEqual([
      '1 frame',
      '2,000 frames',
    ])
  })
})
